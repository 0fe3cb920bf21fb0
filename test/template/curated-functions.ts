/** Calls of functions whose arguments have a language of their own, written by hand. */

const R = String.raw;

/** A string constant of the language. JSON's escapes are Go's but for the slash and for surrogates. */
function quoted(value: string): string {
  return JSON.stringify(value);
}

// biome-ignore format: a table
const YAML_TEXTS = [
  'a: 1', 'a: -1', 'a: +1', 'a: 1.5', 'a: .5', 'a: 1.', 'a: 1e3', 'a: 1E3', 'a: 1.5e-3', 'a: 0x1F', 'a: 0o17', 'a: 017', 'a: 08', 'a: 0b11',
  'a: 1_000', 'a: 1_0.5', 'a: .inf', 'a: -.Inf', 'a: .nan', 'a: 12345678901234567890', 'a: 9223372036854775808', 'a: -9223372036854775809',
  'a: 190:20:30', 'a: 1:30',
  'a: true', 'a: True', 'a: TRUE', 'a: yes', 'a: Yes', 'a: on', 'a: off', 'a: y', 'a: n', 'a: no', 'a: NO', 'a: null', 'a: Null', 'a: ~', 'a:',
  'a: ""', "a: ''", 'a: "x\\ny\\t\\u00e9\\x41\\e"', "a: 'it''s'", 'a: plain text # comment', 'a: x#y', 'a: "x" # c', 'a: b: c', 'a: -', 'a: - b',
  'a: ?x', 'a: :x', 'a: @x', 'a: `x`', 'a: %x', 'a: !x', 'a: &x', 'a: *x', 'a: |', 'a: >', 'a: [', 'a: {', 'a: ]', 'a: ,', 'a: "', "a: '",
  'a: [1, 2, x]', 'a: [1, 2,]', 'a: []', 'a: {b: 1, c: [x]}', 'a: {}', 'a: {b}', 'a: {b: }', 'a: [a: 1]', '{a: 1}', '[1, 2]', '- 1', 'x', '1', '""',
  '', '\n', '# only', '---', '...', '---\na: 1', '--- {a: 1}', 'a: 1\n---\nb: 2', 'a: 1\n...\nb: 2', '%YAML 1.1\n---\na: 1', 'null', '~',
  'a: |\n  x\n  y\n', 'a: |-\n  x\n  y\n\n', 'a: |+\n  x\n\n', 'a: |2\n    x\n', 'a: |\n\n  x\n    y\n  z', 'a: >\n  x\n  y\n\n  z\n',
  'a: >-\n  x\n  y', 'a: >+\n  x\n\n', 'a: >\n  x\n    y\n  z', 'a: "x\n  y"', "a: 'x\n\n  y'", 'a: x\n  y', 'a: x\n y\n\n z', 'a: "x\\\n  y"',
  '"a b": 1', "'a': 1", '? a\n: 1', '? [a]\n: 1', '1: a', '1.5: a', 'true: a', 'null: a', '~: a', 'yes: a', '0x10: a', '2001-01-01: a',
  'a: 2001-01-01', 'a: 2001-12-14t21:59:43.10-05:00', 'a: 2001-12-14 21:59:43',
  'a: 1\na: 2', 'a: 1\n b: 2', 'a:\n b: 1\n  c: 2', 'a:\n  b: 1\n c: 2', '\ta: 1', 'a:\t1', 'a:\n\tb: 1', 'a:\n- x\n- y', 'a:\n  - x\n  -   y',
  'a:\n- - 1\n  - 2\n- b: 1\n  c: 2', 'a: &x 1\nb: *x', 'a: &x {c: 1}\nb: *x', 'a: *y', 'a: &x [*x]', 'b: {<<: {a: 1}, c: 2}',
  'b: &b {a: 1}\nc: {<<: *b, a: 2}', 'c: {<<: [{a: 1}, {a: 2, b: 3}]}', '<<: 1', 'a: !!str 1', 'a: !!int "1"', 'a: !!float 1', 'a: !!bool "yes"',
  'a: !!null x', 'a: !!binary aGk=', 'a: !!binary x', 'a: !custom 1', 'a: !!set {x}', 'a: !!timestamp 2001-01-01', 'a: =', 'é: ü', 'a: 世界',
  'a: \u{1F600}', 'a: "\\ud83d\\ude00"', 'a: \u0085b', 'a: "\\/"', 'a: "\\q"', 'a: x: y: z', 'a: http://x:80/y', 'a: -1x', 'a: 1 2', 'a: 1,2',
  'a: "1"', 'a: 1e400', 'a: 0.1', 'a: 1234567.891', 'a: 123456789.0', 'a: 1.0', 'a: 100000000000000000000.5', 'a: -0', 'a: -0.0', 'a: 00', 'a: 0',
  'a: 1e21', 'a: 0.0000001', 'a: <<', 'a: b\nc', 'a: b\n- c', 'a: \u0001', 'a\n', 'a: b\r\nc: d\r\n', '  a: 1\n  b: 2', '  a: 1\n b: 2', 'a: {b: 1',
  'a: [1\n]', 'a: [1,\n  2]', '- a: 1', 'a: .', 'a: ...', 'a: ---', 'a: --', 'a: ._1', 'a: 1__0', 'a: _1', 'a: 0x', 'a: 0b2', 'a: +.inf', 'a: 1e',
  'a: e1', 'a: ==', 'a: "\\x4"', 'a: "\\N\\_\\L\\P\\0\\a\\b\\v\\f\\ "',
];

// biome-ignore format: a table
const VALUES_FOR_YAML = [
  'true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n', 'null', '~', '', ' ', ' x', 'x ', '1', '-1', '+1', '1.5', '.5', '1e3', '0x1F', '0o7', '017',
  '1_000', '.inf', '.nan', '2001-01-01', '1:30', '12:30:45', 'x: y', 'x:', ':x', 'x:y', '# x', 'x # y', 'x#', '- x', '-', '--', '---', '-x', '?',
  '? x', '?x', '!x', '&x', '*x', '|', '>', '%x', '@x', '`x`', '"x"', "'x'", "it's", 'a"b', '[', ']', '{', '}', '[x]', '{x}', ',', 'a,b', 'a, b', '=',
  '<<', '.', '...', 'x\n', 'x\ny', 'x\n\ny\n', '\nx', '\n', '\n\n', ' x\ny', 'x \ny', 'x\n y', 'x\ty', '\tx', '\t', 'x\r\ny', '\u0000', '\u0007',
  '\u001b[0m', '\u007f', '\u0085', '\u00a0', '\u2028', '\ufeff', 'é', '世界', '\u{1F600}', 'null ', 'NULL', 'True', 'a\\b', '\\', 'a\\nb',
  'http://x:80/y', '0', '00', '08', '-0', '1.', '1e', 'e1', 'Infinity', 'NaN', 'a: |', 'key: "v"', 'x'.repeat(100), 'word '.repeat(30),
  `${'word '.repeat(30)}\n${'x'.repeat(90)}\n`, '#', 'x\n#y', 'x\n- y', '-----BEGIN KEY-----\nabc=\n-----END KEY-----\n', '{"a":1}', 'a\n---\nb', 'Y',
  'N', '0b1', '190:20:30', '2001-12-14t21:59:43.10-05:00', '1_0.5', '_1', '0.', '+.inf', '\u200b', '\ud7ff', '\ufffd', '\ufffe',
];

// biome-ignore format: a table
const JSON_TEXTS = [
  '{}', '[]', '""', '0', '-0', '1', '-1', '1.5', '1e3', '1E+3', '1e-3', '1e400', '-1e400', '1e-400', '01', '1.', '.5', '+1', '-', '0x1', '1_0',
  '9007199254740993', '12345678901234567890', '0.1', '100000000000000000000', '1e20', '1e21', '1e-6', '1e-7', '123456789.125', 'true', 'false',
  'null', 'True', 'nul', 'nulll', '', ' ', ' 1 ', '\n1\t', '1 2', '[1', '[1,', '[1,]', '[,1]', '[1 2]', '{"a"}', '{"a":}', '{"a":1,}', '{a:1}',
  "{'a':1}", '{"a":1}}', '{"a":1,"a":2}', '{"b":1,"a":{"d":[],"c":{}}}', '"a', '"\\n\\t\\"\\\\\\/\\b\\f\\r"', '"\\u00e9"', '"\\ud83d\\ude00"',
  '"\\ud83d"', '"\\ude00x"', '"\\u12"', '"\\x41"', '"\\a"', '"\u0001"', '"a\nb"', '"\u007f"', '"é世\u{1F600}"', '"<&>"', '"\\u2028"', '[[[[1]]]]',
  '// c\n1', '\ufeff1', '[1.0, 2.50]', '{"":1}', '{"é":1,"z":2,"Z":3}', '[null,true,"x",{}]', '"\\u0000"', '[-0.0]', '1e5', '-1.5E-10',
];

// biome-ignore format: a table
const SEMVER = [
  '1.2.3', 'v1.2.3', '1.2', '1', '1.2.3-alpha.1+b', '1.2.3+build', '01.2.3', '1.02.3', '1.2.3-01', '1.2.3-a..b', '1.2.3-é', '', 'x', '1.2.3.4',
  ' 1.2.3', '1.2.3 ', '-1.2.3', '1.2.3-', '1.2.3+', 'V1.2.3', '2.0.0-rc.1', '0.0.0', '1.2.x', '99999999999999999999.0.0', '1.2.3-0', '1.2.3--',
  '2.0.0', '1.10.0',
];
// biome-ignore format: a table
const CONSTRAINTS = [
  '1.2.3', '=1.2.3', '!=1.2.3', '>1.2.3', '<1.2.3', '>=1.2.3', '<=1.2.3', '=>1.2.3', '=<1.2.3', '~1.2.3', '~1.2', '~1', '~>1.2', '^1.2.3', '^1',
  '^0.2.3', '^0.0.3', '^0', '*', '1.x', '1.2.x', 'x', '>1', '<2', '>=1.0 <2', '>=1, <2', '1 || 2', '1.2 - 1.4', '1.2.3 - 2', '>=1.2.3-0',
  '>1.2.3-alpha', '~1.2.3-beta', '', 'foo', '> 1', '>=1.2.x', '!=1.x', '<=1.2', '>1.2', '^1.2.3-alpha.1', 'v1', '1.2.3-alpha.1', '==1', '><1', '1 2',
  '~x', '^x',
];

// biome-ignore format: a table
const LAYOUTS = [
  '2006-01-02T15:04:05Z07:00', '2006-01-02T15:04:05.999999999Z07:00', 'Mon Jan _2 15:04:05 2006', 'Mon Jan _2 15:04:05 MST 2006',
  'Mon Jan 02 15:04:05 -0700 2006', '02 Jan 06 15:04 MST', '02 Jan 06 15:04 -0700', 'Monday, 02-Jan-06 15:04:05 MST', 'Mon, 02 Jan 2006 15:04:05 MST',
  '3:04PM', '3:4:5pm', '03:04:05 PM', 'Jan _2 15:04:05.000', 'Jan _2 15:04:05.000000', '15:04:05,000', '2006-002', '__2', '1/2/06', '01/02/2006',
  'January 2, 2006', '2006', '06', 'Z0700', 'Z07', 'Z070000', '-07', '-07:00:00', '.00', '.99', '5.9', '05.00', 'x2006x', '20060102150405', 'Jan',
  'Janx', 'Mond', '2', '_2006', '_2', '002', 'pm', 'PM', '1504', 'h',
];
// biome-ignore format: a table
const MOMENTS = [
  '0', '1700000000', '-1', '951782400', '1709164799', '(toDate "2006-01-02T15:04:05.999999999Z07:00" "2024-03-05T07:08:09.012345678+05:30")',
  '(toDate "2006" "0001")', '253402300799',
];
// biome-ignore format: a table
const ZONES = [
  'UTC', 'Local', '', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Nope', 'EST', 'Etc/GMT+5', 'America/St_Johns',
  '../x', 'utc', 'Asia/Kathmandu',
];
// biome-ignore format: a table
const PARSED = [
  ['2006-01-02', '2024-02-29'], ['2006-01-02', '2023-02-29'], ['2006-01-02', '2024-2-29'], ['2006-1-2', '2024-02-9'], ['2006-01-02', '2024-13-01'],
  ['2006-01-02', '2024-00-01'], ['2006-01-02', ' 2024-01-01'], ['2006-01-02', '2024-01-01x'], ['15:04', '24:00'], ['15:04', '23:59'],
  ['3:04PM', '12:00AM'], ['3:04PM', '13:00PM'], ['3:04pm', '1:00PM'], ['3:04PM', '1:00am'], ['2006-01-02T15:04:05Z07:00', '2024-01-01T00:00:00Z'],
  ['2006-01-02T15:04:05Z07:00', '2024-01-01T00:00:00+02:00'], ['2006-01-02T15:04:05Z07:00', '2024-01-01T00:00:00.5Z'],
  ['2006-01-02T15:04:05Z07:00', '2024-01-01T00:00:00,5Z'], ['2006-01-02T15:04:05Z07:00', '2024-01-01 00:00:00Z'], ['Jan 2 2006', 'feb 3 2024'],
  ['Jan 2 2006', 'Foo 3 2024'], ['January 2 2006', 'February 3 2024'], ['January 2 2006', 'Feb 3 2024'], ['Mon Jan 2 2006', 'Tue Feb 3 2024'],
  ['Monday Jan 2 2006', 'sunday Feb 3 2024'], ['02 Jan 06', '03 Feb 68'], ['02 Jan 06', '03 Feb 69'], ['2006-002', '2024-060'],
  ['2006-002', '2023-366'], ['2006-01-02 MST', '2024-01-01 UTC'], ['2006-01-02 MST', '2024-01-01 CET'], ['2006-01-02 MST', '2024-01-01 +03'],
  ['2006-01-02 -0700', '2024-01-01 +0530'], ['2006-01-02 -07:00', '2024-01-01 +0530'], ['.000', '.123'], ['.000', '.12'], ['.999', '.12'],
  ['05', '60'], ['05', '59.25'], ['05.000', '59.250'], ['_2 Jan', ' 5 Feb'], ['_2 Jan', '5 Feb'], ['_2 Jan', '15 Feb'], ['', ''], ['', 'x'],
  ['2006', ''], ['x', 'y'], ['2006', '99999'], ['2006', '-001'], ['1', '1'], ['1', '13'], ['2 1 2006', '31 4 2024'], ['15', '5'], ['3', '0'],
] as const;

// biome-ignore format: a table
const REGEX_CALLS = [
  R`regexFindAll "a*" "baaac" -1`, R`regexFindAll "" "aé" -1`, R`regexFindAll "a" "aaaa" 2`, R`regexFindAll "a" "aaaa" 0`,
  R`regexFindAll "(a)(b)?" "abac" -1`, R`regexReplaceAll "a(x*)b" "-ab-axxb-" "${"$"}{1}W"`, R`regexReplaceAll "a(x*)b" "-ab-axxb-" "$1W"`,
  R`regexReplaceAll "a(x*)b" "-ab-axxb-" "$1"`, R`regexReplaceAll "(?P<n>x)" "axb" "[$n]"`, R`regexReplaceAll "(?P<n>x)" "axb" "[${"$"}{n}]"`,
  R`regexReplaceAll "x*" "abc" "-"`, R`regexReplaceAll "$" "a\nb" "!"`, R`regexReplaceAll "(?m)$" "a\nb" "!"`,
  R`regexReplaceAllLiteral "a" "aba" "$0"`, R`regexReplaceAll "a" "aba" "$$"`, R`regexReplaceAll "a" "aba" "$"`, R`regexReplaceAll "é" "aéb" "e"`,
  R`regexReplaceAll "." "aé世" "x"`, R`regexReplaceAll "\\xff" "a\xffb" "x"`, R`regexMatch "^\\S+@\\S+$" "a@b"`, R`regexMatch "(" "a"`,
  R`mustRegexMatch "(" "a"`, R`regexFind "(" "a"`, R`regexSplit "a" "banana" -1`, R`regexSplit "a" "banana" 2`, R`regexSplit "a" "banana" 0`,
  R`regexSplit "" "aé" -1`, R`regexSplit "a*" "baac" -1`, R`regexSplit "x" "" -1`, R`regexFind "\\d{2,}" "1 22 333"`, R`regexFind "a|ab" "abc"`,
  R`regexFind "(?i)É" "é"`, R`regexFind "\\pL+" "1éa2"`, R`regexFind "[[:^alpha:]]+" "ab12"`, R`regexFind "\\bb" "a b"`,
  R`regexFind "(a+)+$" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"`, R`regexFind "\\Aa\\z" "a"`, R`regexFind "a\\Z" "a"`, R`regexFind "(?U)a+" "aaa"`,
  R`regexFind "[^\\n]+" "a\nb"`, R`regexFind "(?s)a.b" "a\nb"`, R`regexFind "a.b" "a\nb"`, R`regexFind "\\Qa.b\\E" "a.b"`,
  R`regexFind "\\x{1F600}" "😀"`, R`regexFind "\\u0041" "A"`, R`regexFind "a{,2}" "a{,2}"`, R`regexFind "a{2,1}" "aa"`, R`regexFind "[z-a]" "a"`,
  R`regexFind "\\p{Nope}" "a"`, R`regexFind "(?<=a)b" "ab"`, R`regexFind "x++" "xx"`, R`regexFind "a\\" "a"`, R`regexFind "(?P<n>a)(?P<n>b)" "ab"`,
  R`regexQuoteMeta "a.b*c[d]\\^$é"`,
];

// biome-ignore format: a table
const URLS = [
  'http://[::ffff:1.2.3.4]/', 'http://[::ffff:1.2.3.400]/', 'http://[fe80::1%25en0]:80/', 'http://[fe80::1%en0]/', 'http://[1:2:3:4:5:6:7:8]/', 'http://[1:2:3:4:5:6:7::]/',
  'http://[1::2::3]/', 'http://[::g]/', 'http://[12345::]/', 'http://[]/', 'http://[fe80::1%25]/', 'http://[v1.x]/', 'http://a[::1]/', 'http://[::1]x/', 'http://[1:2:3:4:5:6:1.2.3.4]/', 'http://[::1%25%41b]/',
  'http://example.com/a b', 'http://example.com/%zz', 'http://u:p@host:80/p?q=1#f', 'http://u@host', 'http://u:@host', 'http://:p@host',
  'http://[::1]:8080/', 'http://[::1', 'http://host:port/', 'http://host:/', 'mailto:a@b.c', 'a:b', '1a:b', ':', '', '?', '#', '?a', '#a', '/a',
  '//h', '//h/p', '///p', 'h/p', './a:b', 'a/b:c', 'http://h/%2F%41', 'http://h/é', 'http://é/', 'http://h?q=é', 'http://h#é%20', 'HTTP://H/P',
  'http://h/p?', 'http://h/p#', 'http://h\u0001', 'http://h/\u007f', 'http://a%20b/', 'http://u%40:p%3A@h/', 'http://u ser@h/', 'urn:isbn:1',
  'file:///etc/x', 'http:///p', 'http://h/a;b=c', 'http://h/a?b?c#d#e', 'jdbc:postgresql://h:1/d', 'http://192.168.0.1', 'http://h/..//./x', 'http:a',
  '*', 'http://*/', "http://h/a'b(c)!*", 'http://h/a+b?c+d', 'http://h/|^`{}', 'ldap://[2001:db8::7]/c=GB?x',
];

// biome-ignore format: a table
const MAPS = [
  '{{ $d := dict "a" 1 }}{{ $_ := set $d "b" 2 }}{{ $d }}', '{{ $d := dict "a" 1 "b" 2 }}{{ $_ := unset $d "a" }}{{ $d }}',
  '{{ $d := dict "a" (dict "b" 1) }}{{ $c := deepCopy $d }}{{ $_ := set $d.a "b" 2 }}{{ $c }}{{ $d }}',
  '{{ $a := dict "x" 1 "n" (dict "p" 1) }}{{ $b := dict "x" 2 "y" 3 "n" (dict "q" 2) }}{{ merge $a $b }}{{ $a }}{{ $b }}',
  '{{ $a := dict "x" 1 "n" (dict "p" 1) }}{{ $b := dict "x" 2 "y" 3 "n" (dict "p" 2) }}{{ mergeOverwrite $a $b }}{{ $a }}{{ $b }}',
  '{{ merge (dict "a" "") (dict "a" "x") }}', '{{ merge (dict "a" 0 "b" false "c" nil) (dict "a" 1 "b" true "c" 3) }}',
  '{{ mergeOverwrite (dict "a" 1) (dict "a" 0) }}', '{{ mergeOverwrite (dict "a" 1) (dict "a" "") }}',
  '{{ mergeOverwrite (dict "a" 1) (dict "a" nil) }}', '{{ mergeOverwrite (dict "a" (list 1 2)) (dict "a" (list 3)) }}',
  '{{ merge (dict "a" (list 1 2)) (dict "a" (list 3)) }}', '{{ merge (dict "a" (list)) (dict "a" (list 3)) }}',
  '{{ merge (dict "a" (dict)) (dict "a" 1) }}', '{{ merge (dict "a" 1) (dict "a" (dict "b" 1)) }}',
  '{{ mergeOverwrite (dict "a" (dict "b" 1)) (dict "a" 1) }}', '{{ mergeOverwrite (dict "a" 1) (dict "a" (dict "b" 1)) }}',
  '{{ mustMerge (dict "a" 1) (dict "b" 2) (dict "c" 3) }}', '{{ merge (dict) (dict "a" (dict "b" (dict "c" 1))) | toJson }}',
  '{{ $s := dict "n" (dict "a" 1) }}{{ $d := merge (dict) $s }}{{ $_ := set $d.n "b" 2 }}{{ $s }}',
  '{{ mergeOverwrite (dict "a" (dict "b" 1 "c" 2)) (dict "a" (dict "b" 3 "d" 4)) (dict "a" (dict "e" 5)) }}',
  '{{ merge (dict "a" nil) (dict "a" (dict "b" 1)) }}', '{{ mergeOverwrite (dict "a" "x") (dict "a" 1) }}', '{{ merge (dict "a" "x") (dict "a" 1) }}',
  '{{ merge (dict "a" 1.5) (dict "a" (list)) }}', '{{ merge (dict "a" (semver "1.2.3")) (dict "a" 1) }}',
  '{{ dict "a" }}', '{{ dict 1 2 }}', '{{ dict nil 1 }}', '{{ dict (list 1) 2 }}', '{{ dict 1.5 "x" true "y" }}', '{{ dict "a" 1 "a" 2 }}',
  '{{ keys (dict "a" 1) }}', '{{ values (dict "a" 1) }}', '{{ keys (dict "b" 1 "a" 2) | sortAlpha }}', '{{ keys }}', '{{ keys (dict) (dict) }}',
  '{{ pick (dict "a" 1 "b" 2) "a" "z" }}', '{{ omit (dict "a" 1 "b" 2) "a" "z" }}', '{{ pluck "a" (dict "a" 1) (dict "b" 2) (dict "a" 3) }}',
  '{{ get (dict "a" nil) "a" }}', '{{ get (dict) "a" | quote }}', '{{ hasKey (dict "a" nil) "a" }}',
  '{{ dig "a" "b" "none" (dict "a" (dict "b" 1)) }}', '{{ dig "a" "x" "none" (dict "a" (dict "b" 1)) }}', '{{ dig "a" "b" "none" (dict "a" 1) }}',
  '{{ dig "a" "none" (dict "a" nil) }}', '{{ dig "x" (dict) }}', '{{ dig 1 "x" (dict) }}', '{{ dig "a" "b" "none" (dict "a" nil) }}',
  '{{ get . "name" }}', '{{ hasKey . "name" }}', '{{ set . "name" "x" }}', '{{ get (split "," "a,b") "_0" }}',
  '{{ deepEqual (dict "a" (list 1)) (dict "a" (list 1)) }}', '{{ deepEqual (list) (list) }}', '{{ deepEqual (list 1) (list (int64 1)) }}',
  '{{ deepEqual nil nil }}', '{{ deepEqual (until 1) (list 0) }}', '{{ has (dict "a" 1) (list (dict "a" 1)) }}',
  '{{ uniq (list (list 1) (list 1) 1 1.0 "1") }}', '{{ without (list 1 2 3 2) 2 }}', '{{ without (list 1 "1" 1.0) 1 }}',
  '{{ $l := list 3 1 2 }}{{ $s := slice $l 0 2 }}{{ $s }}{{ append $s 9 }}{{ $l }}', '{{ $l := list "b" "a" }}{{ sortAlpha $l }}{{ $l }}',
  '{{ $l := splitList "," "b,a" }}{{ sortAlpha $l }}{{ $l }}', '{{ concat (list 1) (until 2) (splitList "," "a,b") }}', '{{ concat }}',
  '{{ concat 1 }}', '{{ chunk 0 (list 1 2) }}', '{{ chunk -1 (list 1) }}', '{{ chunk 2 (list) }}', '{{ first (until 3) | printf "%T" }}',
  '{{ first (list) | printf "%[1]T %[1]v" }}', '{{ first "abc" }}', '{{ first nil }}', '{{ last nil }}', '{{ has 1 nil }}',
  '{{ compact (list 0 1 "" "a" nil false (list) (dict) 0.0) }}', '{{ reverse (until 3) }}', '{{ initial (list) | toJson }}',
  '{{ rest (list 1) | toJson }}', '{{ $d := dict "a" 1 }}{{ $_ := set $d "self" "x" }}{{ range $k, $v := $d }}{{ $k }}{{ end }}',
  '{{ $l := list (dict "a" 1) }}{{ $_ := set (first $l) "a" 2 }}{{ $l }}',
  '{{ $d := fromJson "{\\"a\\":{\\"b\\":1}}" }}{{ $_ := set $d.a "c" 2 }}{{ toJson $d }}', '{{ $x := fromJson "[1,2]" }}{{ append $x 3 | toJson }}',
  '{{ ternary "a" "b" true }}{{ ternary "a" "b" false }}{{ true | ternary 1 2 }}', '{{ ternary 1 2 1 }}',
  '{{ default "x" "" }}{{ default "x" "y" }}{{ default "x" }}{{ default "x" nil }}{{ "" | default 1 }}', '{{ default 1 0 2 }}',
  '{{ coalesce 0 "" nil 3 }}',
  '{{ empty 0 }}{{ empty "0" }}{{ empty (list) }}{{ empty nil }}{{ empty false }}{{ empty 0.0 }}{{ empty (toDate "x" "y") }}',
  '{{ all 1 0 }}{{ all }}{{ any 0 "" }}{{ any }}{{ any 0 1 }}', '{{ tuple 1 2 }}',
  '{{ kindOf (dict) }} {{ kindOf nil }} {{ kindOf (semver "1.2.3") }} {{ kindOf now }} {{ typeOf nil }} {{ typeOf now }} {{ typeOf (semver "1.2.3") }} {{ typeOf . }}',
  '{{ typeIs "int" 1 }}{{ typeIsLike "semver.Version" (semver "1.2.3") }}{{ kindIs "map" . }}',
];

// biome-ignore format: a table
const STRINGS = [
  '', 'a', 'Hello, World!', 'hello world', 'HELLO', 'helloWorld fooBar', 'foo_bar-baz.qux', 'HTTPServer2Go', 'ABCDef', 'a1B2c3', 'été à la ÇA',
  'ǆ ß ŉ İ ı', '世界 你好', '\u{1F600}x', '  lead', 'trail  ', 'a  b\t c\nd', '_a__b_', '-a--b-', "it's o'clock", 'x.y z', '9lives', 'ID userID',
  'e\u0301a', 'ﬁ ﬀ', 'ΑΣ ΣΑΣ', '\u00a0x\u00a0', 'a\u0000b', 'a-b_c d.e', 'SNAKE_CASE', 'kebab-case', 'Ünïcode Tëxt', 'v1.2.3', 'l\'été', 'A', 'AB',
  'aB', 'Ab',
];
// biome-ignore format: a table
const STRING_FUNCTIONS = [
  'upper', 'lower', 'title', 'untitle', 'swapcase', 'snakecase', 'camelcase', 'kebabcase', 'initials', 'nospace', 'trim', 'quote', 'squote', 'wrap 5',
  'wrapWith 5 "\\n"', 'trunc 3', 'trunc -3', 'abbrev 6', 'abbrevboth 3 8', 'substr 1 4', 'indent 2', 'b64enc', 'b32enc', 'sha256sum', 'sha1sum',
  'adler32sum', 'urlquery', 'html', 'js', 'regexQuoteMeta', 'toJson', 'toRawJson', 'toYaml', 'repeat 2', 'plural "one" "many"', 'len', 'printf "%q"',
  'printf "%x"', 'printf "%+q"', 'printf "%-8.3s|"', 'splitList ""', 'base', 'ext', 'dir', 'clean', 'int', 'float64', 'toDecimal', 'atoi',
];

// biome-ignore format: a table
const NUMBERS = [
  '0', '1', '-1', '7', '-7', '1.5', '-1.5', '2.5', '-2.5', '0.1', '1e3', '1e18', '1e19', '"12"', '" 12"', '"1.9"', '"-1.9"', '"0x1f"', '"0b11"',
  '"0o17"', '"017"', '"1e3"', '"1_000"', '"abc"', '""', '"NaN"', '"Inf"', '"-inf"', 'true', 'false', 'nil', '(list)', '(int64 5)',
  '9223372036854775807', '-9223372036854775808', '"9223372036854775808"', '"00"', '"-0"', '"+5"', '"1."', '".5"', '"08"', '"1e400"', '(dict)',
  '"true"',
];
// biome-ignore format: a table
const NUMBER_FUNCTIONS = [
  'int', 'int64', 'float64', 'toDecimal', 'add1', 'add1f', 'add 2', 'sub 2', 'mul 3', 'div 100', 'mod 100', 'addf 0.1', 'subf 0.3', 'mulf 1.1',
  'divf 10', 'max 3', 'min 3', 'maxf 2.5', 'minf 2.5', 'ceil', 'floor', 'toString', 'duration', 'toJson', 'quote', 'empty', 'typeOf',
];
// biome-ignore format: a table
const ROUNDING = [
  'round 1.005 2', 'round 2.5 0', 'round -2.5 0', 'round 123.456 -1', 'round 123.456 -3', 'round "3.14159" 3', 'round 0.5 0', 'round 1.25 1',
  'round 1.35 1', 'round 2.4999 0 0.4', 'round 1e300 2', 'round 5 2', 'round 1.1 400', 'seq 5', 'seq -3', 'seq 2 5', 'seq 5 2', 'seq 0 2 10',
  'seq 0 -2 -5', 'seq 10 -3 0', 'seq 1 0 5', 'seq 1 2 3 4', 'seq', 'seq 0', 'untilStep 0 10 3', 'untilStep 10 0 -3', 'untilStep 0 10 -1',
  'untilStep 0 10 0', 'untilStep 5 5 1', 'until 0', 'until -3', 'until 3', 'until "3"', 'randInt 5 5', 'randInt 5 4', 'duration "95"', 'duration 95',
  'duration (int64 95)', 'duration "x"', 'duration "-3661"', 'duration "9223372037"', 'durationRound "400h"', 'durationRound "8760h1s"',
  'durationRound "-3h"', 'durationRound (int64 90000000000)', 'durationRound 5', 'durationRound "1500ms"', 'durationRound "24h"', 'durationRound "x"',
];

// biome-ignore format: a table
export const YAML: readonly string[] = [
  ...YAML_TEXTS.map((text) => `{{ fromYaml ${quoted(text)} | toJson }}`),
  ...YAML_TEXTS.slice(0, 60).map((text) => `{{ (fromYaml ${quoted(text)}).a | printf "%[1]T %[1]v" }}`),
  ...VALUES_FOR_YAML.map((text) => `{{ toYaml (dict "k" ${quoted(text)}) }}`),
  ...VALUES_FOR_YAML.map((text) => `{{ toYaml ${quoted(text)} }}`),
  ...VALUES_FOR_YAML.slice(0, 80).map((text) => `{{ toYaml (dict ${quoted(text)} (list ${quoted(text)} (dict ${quoted(text)} 1))) }}`),
  ...['nil', 'true', '1', '-1.5', '1e21', '1e-7', '0.1', '(list)', '(dict)', '(list 1 (list 2 (list 3)))', '(list (dict "a" 1 "b" 2) (dict "c" (list)))', '(dict "a" (dict "b" (dict "c" (list 1 2))))', '(list nil "" 0)', '(until 3)', '(split "," "b,a")', '(toDate "2006" "2020")', '(semver "1.2.3")', '"\\xff"', '(dict "b" 1 "a" 2 "A" 3 "10" 4 "9" 5 "a10" 6 "a9" 7 "_" 8)', '(int64 9007199254740993)', '123456789012345678', '1234567.891', '(float64 "inf")', '100000.0', '1e6', '(fromJson "1e6")', '(list (list) (dict))', '(dict "a" (list (list 1 2) (list)))'].map((value) => `{{ toYaml ${value} }}`),
];

// biome-ignore format: a table
export const JSONS: readonly string[] = JSON_TEXTS.flatMap((text) => [`{{ fromJson ${quoted(text)} | toJson }}`, `{{ mustFromJson ${quoted(text)} | printf "%[1]T %[1]v" }}`, `{{ fromJson ${quoted(text)} | toPrettyJson }}`]);

// biome-ignore format: a table
export const VERSIONS: readonly string[] = [
  ...SEMVER.map((version) => `{{ $v := semver ${quoted(version)} }}{{ $v }} {{ $v.Major }}.{{ $v.Minor }}.{{ $v.Patch }} {{ $v.Prerelease }} {{ $v.Metadata }} {{ $v.Original }}`),
  ...CONSTRAINTS.flatMap((constraint) => SEMVER.filter((_, at) => at < 6 || at > 23).map((version) => `{{ semverCompare ${quoted(constraint)} ${quoted(version)} }}`)),
  '{{ (semver "1.2.3").Compare (semver "1.2.4") }}', '{{ (semver "1.2.3").LessThan (semver "1.2.4") }}',
  '{{ (semver "1.2.3").IncPatch }} {{ (semver "1.2.3").IncMinor }} {{ (semver "1.2.3").IncMajor }}', '{{ (semver "1.2.3-a").IncPatch.String }}',
  '{{ (semver "1.2.3").Equal (semver "1.2.3+b") }}', '{{ (semver "1.2.3").SetPrerelease "x" }}', '{{ (semver "1.2.3").Nope 1 }}',
  '{{ (semver "1.2.3").Major 1 }}', '{{ toJson (semver "1.2.3-a+b") }}',
];

// biome-ignore format: a table
export const DATES: readonly string[] = [
  ...LAYOUTS.flatMap((layout) => MOMENTS.map((moment) => `{{ dateInZone ${quoted(layout)} ${moment} "Asia/Kolkata" }}`)),
  ...ZONES.flatMap((zone) => MOMENTS.map((moment) => `{{ date_in_zone "2006-01-02 15:04:05 -0700 MST" ${moment} ${quoted(zone)} }}`)),
  ...MOMENTS.flatMap((moment) => [`{{ date "2006-01-02" ${moment} }}`, `{{ htmlDate ${moment} }}`, `{{ htmlDateInZone ${moment} "America/New_York" }}`, `{{ unixEpoch ${moment} }}`, `{{ dateModify "-1.5h" ${moment} }}`]),
  ...PARSED.flatMap(([layout, value]) => [`{{ toDate ${quoted(layout)} ${quoted(value)} }}`, `{{ mustToDate ${quoted(layout)} ${quoted(value)} | unixEpoch }}`]),
  ...['1h', '-1h30m', '1.5h', '1d', '', '100ms', '1us', '1µs', '1ns', '+5m', '5', 'h', '.5s', '1h-1m', '9999999h', '-.5h', '1h 1m', '1.h'].map((duration) => `{{ mustDateModify ${quoted(duration)} (toDate "2006-01-02" "2024-02-29") }}`),
  ...['AddDate 9000 0 0', 'AddDate 7979 0 0', 'AddDate -3000 0 0', 'AddDate -2020 0 0', 'Add 1'].flatMap((moved) =>
    ['mustToJson', 'toJson', 'toYaml'].map((name) => `{{ (toDate "2006" "2020").${moved} | ${name} }}`),
  ),
  ...['+24:00', '+23:59', '-12:34'].map((offset) => `{{ mustToJson (mustToDate "2006 -07:00" "2024 ${offset}") }}`),
];

// biome-ignore format: a table
export const TEXTS: readonly string[] = [
  ...STRING_FUNCTIONS.flatMap((name) => STRINGS.map((value) => `{{ ${quoted(value)} | ${name} }}`)),
  ...REGEX_CALLS.map((call) => `{{ ${call} }}`),
  ...REGEX_CALLS.map((call) => `{{ printf "%[1]T %[1]q" (${call}) }}`),
  ...URLS.map((url) => `{{ urlParse ${quoted(url)} | toJson }}`),
  ...URLS.map((url) => `{{ urlParse ${quoted(url)} | urlJoin }}`),
];

// biome-ignore format: a table
export const NUMERIC: readonly string[] = [
  ...NUMBER_FUNCTIONS.flatMap((name) => NUMBERS.map((value) => `{{ ${name} ${value} }}`)),
  ...NUMBERS.flatMap((value) => ['sub', 'div', 'mod', 'divf', 'subf'].map((name) => `{{ ${name} ${value} 3 }}`)),
  ...ROUNDING.map((call) => `{{ ${call} }}`),
];

export const COLLECTIONS: readonly string[] = MAPS;
