/** Values of every type that templates can come to hold: what they print, equal, convert to, and which methods they have. */

/** By type. */
// biome-ignore format: a table
const VALUES = [
  'nil', 'true', '7', '-3', '1.5', '-0.0', '1e21', '""', '"text"', '"\\xff"', '(list)', '(list 1 "a" nil)', '(until 2)', '(splitList "," "a,b")',
  '(chunk 1 (list 1 2))', '(regexFindAll "x" "" -1)', '(rest (list))',
  '(dict)', '(dict "a" 1)', '(split "," "a,b")', '(fromJson "{\\"a\\":[1,{}]}")', '(fromJson "null")', '(int64 5)', '(semver "1.2.3-a+b")',
  '((semver "1.2.3").IncMinor)', '(semver "1.2.3").Major', '(toDate "2006-01-02 15:04" "2024-02-29 13:05")',
  '(toDate "x" "y")', '(toDate "2006" "2024").Month', '(toDate "2006" "2024").Weekday', '((toDate "15:04" "10:30").Sub (toDate "15:04" "09:00"))',
  '((toDate "2006" "2024").Sub (toDate "2006" "1024"))', '(index (list nil) 0)', '(get (dict "a" nil) "a")', '(first (list))', "'x'", '(len "abc")',
  '(float64 "inf")', '(float64 "nan")', '(index "abc" 1)', '(kindOf 1)', '(toDecimal "17")', '(urlParse "http://h")',
  '(toDate "2006-01-02T15:04:05Z07:00" "2024-02-29T13:05:00+05:30")',
];

// biome-ignore format: a table
const USES = [
  'V', 'print V', 'printf "%v %[1]T" V', 'printf "%s" V', 'printf "%d" V', 'printf "%5v|%-5v|" V V', 'printf "%q" V', 'printf "%x" V', 'quote V',
  'squote V', 'cat V "z"', 'toString V', 'toJson V', 'toPrettyJson V', 'toRawJson V', 'toYaml V', 'toYaml (list V)', 'toYaml (dict "k" V)',
  'typeOf V', 'kindOf V', 'empty V', 'default "none" V', 'coalesce V 1', 'ternary 1 2 (empty V)', 'not V', 'and V 1', 'or V 1', 'if V', 'len V',
  'index V 0', 'index V "a"', 'range V', 'with V',
  'int V', 'int64 V', 'float64 V', 'add 1 V', 'add1f V', 'max 1 V', 'ceil V', 'round V 1', 'toDecimal V', 'join "-" V', 'join "-" (list V V)',
  'toStrings V', 'toStrings (list V)', 'sortAlpha V', 'sortAlpha (list V "a")', 'html V', 'js V', 'urlquery V', 'list V | uniq', 'has V (list V)',
  'without (list V 1) V', 'compact (list V 1)', 'deepEqual V V', 'deepCopy V', 'dict "a" V', 'dict V 1', 'first V', 'last V', 'rest V', 'reverse V',
  'concat (list 1) V', 'append V 1', 'append (list) V', 'slice V 0', 'chunk 1 V', 'keys V', 'hasKey V "a"', 'get V "a"', 'set V "z" 1',
  'merge (dict "k" V) (dict "k" 1)', 'mergeOverwrite (dict "k" 1) (dict "k" V)', 'merge V (dict "z" 1)', 'dig "k" "none" (dict "k" V)',
  'pluck "a" (dict "a" V)', 'duration V', 'seq V', 'until V', 'repeat V "x"', 'trunc V "abc"', 'upper V', 'fromJson V', 'semver V', 'date "x" V',
  'unixEpoch V', 'eq V V', 'ne V V', 'lt V V', 'eq V 1', 'eq V "text"', 'eq V nil', 'le V 7', 'gt V 1.5', 'V.String', 'V.Nope', 'V.a',
  'plural "one" "many" V', 'substr V 2 "abc"', 'print V V "s" V', 'urlJoin V', 'regexMatch V "a"', 'b64enc V', 'tuple V V',
];

function write(use: string, value: string): string {
  const text = use.replaceAll('V', value);
  if (/^(if|with)/.test(use)) return `{{ ${text} }}yes{{ . }}{{ else }}no{{ end }}`;
  if (use === 'range V') return `{{ range $i, $e := ${value} }}{{ $i }}={{ $e }};{{ else }}none{{ end }}`;
  return `{{ ${text} }}`;
}

// biome-ignore format: a table
const NUMBERS = [
  '0x1.8p-1074', '0x1.fp-1075', '0x1p-1075', '0x1.0000001p-1075', '0x3p-1075', '0x5p-1075', '0x0p5', '0x1p-2000', '0x1.00000000000008p-1022', '0x1.00000000000018p-1023',
  '0x7fffffffffffffffffp-1100', '0x1.fffffffffffffp-1023', '0x1.fffffffffffffcp1023', '0x1.fffffffffffff8p1023', '1e-400', '0e999999999', '1e999999999', '-0x1p-1074', '00000000000000000000000001.5',
  '4.9e-324', '5e-324', '2.4703282292062327e-324', '2.4703282292062328e-324', '2.2250738585072014e-308', '2.2250738585072011e-308',
  '1.7976931348623157e308', '1.7976931348623159e308', '0x1p-1074', '0x1.fffffffffffff8p0', '0x1.fffffffffffff7p0', '0x1p1023', '0x1p1024', '0X1P-2',
  '0x.8p1', '0x1_0p1', '9007199254740993.0', '0.30000000000000004', '1e23', '8.41e21', '123456789012345678901234567890.0', '5e-1', '00.5',
  '1_000.000_1', '1e0_1', '0b1.0', '0o8', '0o', '0b', '0e1', '-.5', '+.5e-1', '1e+', '.e1', '-0x1F', '-0b1', "-'a'", '1e18', '9.2233720368547758e18',
  '-9223372036854775808.0', '1e2', '100.0', '3.0e0',
];

// biome-ignore format: a table
const MOMENTS = [
  '(toDate "2006-01-02 15:04:05" "2024-02-29 13:05:07")', '(toDate "2006-01-02T15:04:05.999999999Z07:00" "1969-12-31T23:59:59.123456789-08:00")',
  '(toDate "x" "y")',
];
// biome-ignore format: a table
const TIME_METHODS = [
  'Year', 'Month', 'Day', 'Hour', 'Minute', 'Second', 'Nanosecond', 'Weekday', 'YearDay', 'Unix', 'UnixMilli', 'UnixMicro', 'UnixNano', 'IsZero',
  'IsDST', 'String', 'UTC', 'Local', 'Location', 'Format "2006-01-02"', 'Format "x" 1', 'AddDate 1 2 3', 'AddDate -1 -2 -30', 'AddDate 0 1',
  'Truncate 1', 'Add 1000000000', 'Round (T.Sub T)', 'Sub T', 'Equal T', 'Before T', 'After T', 'Compare T', 'Month.String', 'Weekday.String',
  'GoString', 'MarshalText', 'MarshalJSON', 'ISOWeek', 'Date', 'Clock', 'Zone', 'Nope', 'Year 1', 'wall', 'In',
];
// biome-ignore format: a table
const SPANS = [
  '0', '1', '999', '1000', '1500000', '1000000000', '61000000000', '3600000000000', '-3661500000000', '9223372036854775807', '100000000000000',
];
// biome-ignore format: a table
const SPAN_METHODS = [
  '', '.String', '.Hours', '.Minutes', '.Seconds', '.Milliseconds', '.Microseconds', '.Nanoseconds', '.Abs', '.Round 1000000000',
  '.Truncate 60000000000', '.Nope',
];
// biome-ignore format: a table
const VERSION_PAIRS = [
  ['1.2.3', '1.2.4'], ['1.2.3-a', '1.2.3'], ['1.0.0-alpha.1', '1.0.0-alpha.beta'], ['1.0.0-rc.1', '1.0.0-rc.10'], ['1.0.0+a', '1.0.0+b'], ['2', '10'],
  ['1.0.0-a.1', '1.0.0-a'],
] as const;
// biome-ignore format: a table
const VERSION_METHODS = ['Compare', 'LessThan', 'LessThanEqual', 'GreaterThan', 'GreaterThanEqual', 'Equal'];

export const VALUE_USES: readonly string[] = USES.flatMap((use) => VALUES.map((value) => write(use, value)));

export const TYPES: readonly string[] = [
  ...NUMBERS.flatMap((number) => [`{{ ${number} }}`, `{{ printf "%v %[1]g %[1]e %[1]T" ${number} }}`]),
  ...MOMENTS.flatMap((moment) =>
    TIME_METHODS.map(
      (method) =>
        `{{ ${moment}.${method.replaceAll('T', (letter, at: number) => (/[(\s]/.test(method[at - 1] ?? '') ? moment : letter))} }}`,
    ),
  ),
  ...SPANS.flatMap((span) =>
    SPAN_METHODS.map((method) => `{{ $t := toDate "2006" "2024" }}{{ ($t.Sub ($t.Add ${span}))${method} }}`),
  ),
  ...VERSION_PAIRS.flatMap(([one, other]) =>
    VERSION_METHODS.map((method) => `{{ (semver "${one}").${method} (semver "${other}") }}`),
  ),
];
