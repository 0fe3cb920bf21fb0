/** The functions that templates may call and whose result is determined, with the sorts of values that make sense for them. */

/**
 * A sort is narrower than a Go type: what a generated expression is good for. Many are strings: a regular expression,
 * a JSON text, a date's layout. `num` is anything that converts to a number, `size` a number so small that no
 * function makes much of it, `when` only what the date functions do not replace by the present time.
 */
// biome-ignore format: a table
export const SORTS = [
  'any', 'b32', 'b64', 'bool', 'constraint', 'date', 'dict', 'duration', 'f64', 'format', 'hex', 'i64', 'int', 'ints',
  'json', 'key', 'kind', 'layout', 'list', 'lists', 'num', 'parts', 'path', 'plain', 'regex', 'replacement', 'size', 'str', 'strs',
  'time', 'type', 'url', 'urlparts', 'version', 'when', 'yaml', 'zone',
] as const;

export type Sort = (typeof SORTS)[number];

export interface Signature {
  readonly name: string;
  readonly params: readonly Sort[];
  /** The sort of each further argument. */
  readonly rest: Sort | undefined;
  readonly result: Sort;
  /** Arguments of other sorts are not tried: the result would depend on the clock. */
  readonly isStrict: boolean;
}

/** `name parameter... -> result`; a parameter ending in `*` may come any number of times; `!` makes it strict. */
const TABLE = `
and any any* -> any
or any any* -> any
not any -> bool
len str -> int
len list -> int
len dict -> int
index list size -> any
index dict key -> any
index strs size -> str
index str size -> int
index lists size size -> any
print any* -> str
println any* -> str
html any* -> str
js any* -> str
urlquery any* -> str
eq any any any* -> bool
eq str str str* -> bool
eq int int int* -> bool
ne any any -> bool
ne str str -> bool
lt int int -> bool
lt str str -> bool
lt f64 f64 -> bool
le int i64 -> bool
le str str -> bool
gt int int -> bool
gt f64 f64 -> bool
ge any any -> bool
ge i64 int -> bool
call any any* -> any

hello -> plain
date layout when -> str !
date_in_zone layout when zone -> str !
dateInZone layout when zone -> str !
htmlDate when -> str !
htmlDateInZone when zone -> str !
date_modify duration time -> time !
dateModify duration time -> time !
must_date_modify duration time -> time !
mustDateModify duration time -> time !
toDate layout date -> time
mustToDate layout date -> time
unixEpoch time -> str !
duration num -> str
durationRound duration -> str !
durationRound i64 -> str !

abbrev size str -> str
abbrevboth size size str -> str
trunc size str -> str
trim str -> str
upper str -> str
lower str -> str
title str -> str
untitle str -> str
substr size size str -> str
repeat size str -> str
trimall str str -> str
trimAll str str -> str
trimSuffix str str -> str
trimPrefix str str -> str
nospace str -> str
initials str -> str
swapcase str -> str
snakecase str -> str
camelcase str -> str
kebabcase str -> str
wrap size str -> str
wrapWith size str str -> str
contains str str -> bool
hasPrefix str str -> bool
hasSuffix str str -> bool
quote any* -> str
squote any* -> str
cat any* -> str
indent size str -> str
nindent size str -> str
replace str str str -> str
plural str str size -> str
sha1sum str -> hex
sha256sum str -> hex
sha512sum str -> hex
adler32sum str -> num
toString any -> str

atoi num -> int
int64 num -> i64
int num -> int
float64 num -> f64
seq size size* -> str
toDecimal num -> i64
split str str -> parts
splitList str str -> strs
splitn str size str -> parts
index parts key -> str
len parts -> int
toStrings list -> strs
toStrings any -> strs
until size -> ints
untilStep size size size -> ints
add1 num -> i64
add num* -> i64
sub num num -> i64
div num num -> i64
mod num num -> i64
mul num num* -> i64
add1f num -> f64
addf num* -> f64
subf num num* -> f64
divf num num* -> f64
mulf num num* -> f64
biggest num num* -> i64
max num num* -> i64
min num num* -> i64
maxf num num* -> f64
minf num num* -> f64
ceil num -> f64
floor num -> f64
round num size -> f64
round num size f64 -> f64
join str list -> str
join str strs -> str
join str any -> str
sortAlpha list -> strs
sortAlpha any -> strs

default any any -> any
default str str -> str
empty any -> bool
coalesce any* -> any
all any* -> bool
any any* -> bool
compact list -> list
mustCompact list -> list
fromJson json -> any
mustFromJson json -> any
toJson any -> json
mustToJson any -> json
toPrettyJson any -> json
mustToPrettyJson any -> json
toRawJson any -> json
mustToRawJson any -> json
toYaml any -> yaml
fromYaml yaml -> dict
ternary any any bool -> any
ternary str str bool -> str
deepCopy any -> any
mustDeepCopy dict -> dict
typeOf any -> type
typeIs type any -> bool
typeIsLike type any -> bool
kindOf any -> kind
kindIs kind any -> bool
deepEqual any any -> bool

base path -> path
dir path -> path
clean path -> path
ext path -> str
isAbs path -> bool
osBase path -> path
osClean path -> path
osDir path -> path
osExt path -> str
osIsAbs path -> bool
b64enc str -> b64
b64dec b64 -> str
b32enc str -> b32
b32dec b32 -> str
hexdec hex -> str

tuple any* -> list
list any* -> list
dict key any -> dict
dict key any key any -> dict
dict any* -> dict
get dict key -> any
set dict key any -> dict
unset dict key -> dict
hasKey dict key -> bool
pluck key dict dict* -> list
pick dict key* -> dict
omit dict key* -> dict
merge dict dict dict* -> dict
mustMerge dict dict dict* -> dict
mergeOverwrite dict dict dict* -> dict
mustMergeOverwrite dict dict dict* -> dict
append list any -> list
push list any -> list
mustAppend list any -> list
mustPush list any -> list
prepend list any -> list
mustPrepend list any -> list
first list -> any
mustFirst strs -> any
rest list -> list
mustRest list -> list
last list -> any
mustLast list -> any
initial list -> list
mustInitial list -> list
reverse list -> list
mustReverse strs -> list
uniq list -> list
mustUniq list -> list
without list any any* -> list
mustWithout list any any* -> list
has any list -> bool
mustHas any list -> bool
slice list size size -> list
slice list size -> list
mustSlice strs size size -> strs
concat list list list* -> list
dig key any dict -> any
dig key key any dict -> any
chunk size list -> lists
mustChunk size list -> lists

semver version -> any
semverCompare constraint version -> bool
regexMatch regex str -> bool
mustRegexMatch regex str -> bool
regexFindAll regex str size -> strs
mustRegexFindAll regex str size -> strs
regexFind regex str -> str
mustRegexFind regex str -> str
regexReplaceAll regex str replacement -> str
mustRegexReplaceAll regex str replacement -> str
regexReplaceAllLiteral regex str replacement -> str
mustRegexReplaceAllLiteral regex str replacement -> str
regexSplit regex str size -> strs
mustRegexSplit regex str size -> strs
regexQuoteMeta str -> regex
urlParse url -> dict
urlJoin urlparts -> url
fail str -> any
`;

export const SIGNATURES: readonly Signature[] = TABLE.split('\n')
  .filter((line) => line !== '')
  .map(parseSignature);

function parseSignature(line: string): Signature {
  const [head = '', tail = ''] = line.split('->');
  const [name = '', ...sorts] = head.trim().split(' ');
  const [result = '', strict] = tail.trim().split(' ');
  const last = sorts.at(-1);
  const isVariadic = last?.endsWith('*') === true;
  return {
    name,
    params: (isVariadic ? sorts.slice(0, -1) : sorts).map(toSort),
    rest: isVariadic ? toSort(last.slice(0, -1)) : undefined,
    result: toSort(result),
    isStrict: strict === '!',
  };
}

function toSort(text: string): Sort {
  const sort = SORTS.find((known) => known === text);
  if (sort === undefined) throw new Error(`no sort is called ${text}`);
  return sort;
}

/** Whether a value of the first sort may stand where the second is wanted. */
export function fits(given: Sort, wanted: Sort): boolean {
  return given === wanted || (WIDER[wanted]?.includes(given) ?? false);
}

const WIDER: Partial<Record<Sort, readonly Sort[]>> = {
  any: SORTS.filter((sort) => sort !== 'format'),
  list: ['lists', 'strs', 'ints'],
  num: ['int', 'i64', 'f64', 'size'],
  int: ['size'],
  // biome-ignore format: a table
  str: [
    'b32', 'b64', 'date', 'duration', 'hex', 'json', 'key', 'kind', 'path', 'plain', 'regex', 'type', 'url', 'version', 'yaml',
  ],
  when: ['time'],
};
