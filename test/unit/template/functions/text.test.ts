/** Text: what trims, cuts, searches, repeats and lays out. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

const R = String.raw;

test.each([
  ['trim takes Unicode space off both ends', R`{{ trim "\u2003 \ta b\u0085 " }}`, 'a b'],
  ['trim leaves bytes that are no UTF-8', R`{{ trim " \xff \xfe " | quote }}`, '"\\xff \\xfe"'],
  ['trimAll takes any of the characters', '{{ trimAll "$-" "$-5.00-$" }}', '5.00'],
  ['trimAll knows characters, not bytes', '{{ trimAll "é" "éaéèé" }}', 'aéè'],
  ['trimSuffix takes one suffix', '{{ trimSuffix "--" "a----" }}', 'a--'],
  ['trimPrefix takes one prefix', '{{ trimPrefix "-" "--a" }}', '-a'],
  ['trunc counts bytes from the left', '{{ trunc 3 "aébc" | quote }}', '"aé"'],
  ['trunc counts bytes from the right when negative', '{{ trunc -2 "hello" }}', 'lo'],
  ['trunc by more than there is leaves the text', '{{ trunc -9 "hello" }}{{ trunc 9 "hello" }}', 'hellohello'],
  ['substr goes to the end for a negative end', '{{ substr 2 -1 "hello" }}', 'llo'],
  ['substr goes to the end for an end beyond it', '{{ substr 2 99 "hello" }}', 'llo'],
  ['substr starts at the beginning for a negative start', '{{ substr -1 2 "hello" }}', 'he'],
  ['abbrev shortens with dots', '{{ abbrev 7 "hello world" }}', 'hell...'],
  ['abbrev leaves what is short', '{{ abbrev 3 "hello" }}', 'hello'],
  ['abbrevboth shortens at both ends', '{{ abbrevboth 5 10 "1234 5678 9123 4567" }}', '...5678...'],
  ['abbrevboth near the end shows the end', '{{ abbrevboth 15 10 "1234 5678 9123 4567" }}', '...23 4567'],
  ['repeat by nothing is empty', '{{ repeat 0 "a" | quote }}', '""'],
  ['replace takes all', '{{ replace "l" "L" "hello" }}', 'heLLo'],
  ['replace of nothing goes between all characters', '{{ replace "" "-" "aé" }}', '-a-é-'],
  [
    'contains hasPrefix and hasSuffix take the part first',
    '{{ contains "ell" "hello" }} {{ hasPrefix "he" "hello" }} {{ hasSuffix "he" "hello" }}',
    'true true false',
  ],
  ['plural is by exactly one', '{{ plural "key" "keys" 1 }} {{ plural "key" "keys" 0 }}', 'key keys'],
  ['upper maps character by character', R`{{ upper "straße ŉ ᾳ ǆ \xff" }}`, 'STRAßE ŉ ᾼ Ǆ �'],
  ['lower maps character by character', '{{ lower "ÀİǄ ΑΣ" }}', 'àiǆ ασ'],
  [
    'title starts words after what is no letter',
    '{{ title "hello wOrld o\'neil ǆ_x 1a é-è" }}',
    "Hello WOrld O'Neil ǅ_x 1a É-È",
  ],
  ['untitle starts words after space only', '{{ untitle "Hello WORLD A-B" }}', 'hello wORLD a-B'],
  ['swapcase gives titles to words', '{{ swapcase "This Is a.Test ǅ" }}', 'tHIS iS A.tEST ǆ'],
  [
    'nospace takes bytes for characters, as sprig does',
    '{{ nospace "é a" | quote }} {{ nospace "éa" | quote }}',
    '"Ã©a" "éa"',
  ],
  ['initials takes bytes for characters, as sprig does', '{{ initials "Fir try étude" | quote }}', '"FtÃ"'],
  [
    'snakecase splits capitals and numbers',
    '{{ snakecase "HTTPServer20xOK noHTTPS Bld4Floor3rd" }}',
    'http_server_20x_ok_no_https_bld4_floor_3rd',
  ],
  ['snakecase keeps what is no word', R`{{ snakecase "a.B__c 中文Ab é\xffÈ" | quote }}`, '"a.b__c_中文_ab_é_�è"'],
  [
    'kebabcase does so with hyphens',
    '{{ kebabcase "FirstName GO_PATH Duration2m3s" }}',
    'first-name-go-path-duration-2m3s',
  ],
  [
    'camelcase starts every word with a capital',
    '{{ camelcase "http_server -_complex__case_ GOLANG_IS_GREAT" }}',
    'HttpServer -Complex_Case_GolangIsGreat',
  ],
  ['camelcase of connectors alone has one more', '{{ camelcase "__" }}', '___'],
  ['quote leaves nil out', R`{{ quote "a\"b" nil 1 true (list "x" 1) }}`, '"a\\"b" "1" "true" "[x 1]"'],
  ['quote escapes bytes that are no UTF-8', R`{{ quote "é\xff\u00a0\n" }}`, '"é\\xff\\u00a0\\n"'],
  ['squote does not escape', '{{ squote "it\'s" nil 1.5 }}', "'it's' '1.5'"],
  ['cat separates by spaces and leaves nil out', '{{ cat "a" nil 1 (list "x") "" "b" }}', 'a 1 [x]  b'],
  ['indent indents the first line too', R`{{ indent 2 "a\nb\n" | quote }}`, '"  a\\n  b\\n  "'],
  ['nindent begins a line', R`{{ nindent 2 "a\nb" | quote }}`, '"\\n  a\\n  b"'],
  ['wrap breaks at spaces only', '{{ wrap 5 "aaa bbb cccccccc dd e" | quote }}', '"aaa\\nbbb\\ncccccccc\\ndd e"'],
  ['wrap leaves a long last word', '{{ wrap 3 "aa bbbbbb" | quote }}', '"aa\\nbbbbbb"'],
  ['wrapWith breaks words', R`{{ wrapWith 5 "\t" "Hello World abcdefghi" | quote }}`, '"Hello\\tWorld\\tabcde\\tfghi"'],
  ['wrap takes spaces at the start of a line away', '{{ wrap 2 "a    b    c" | quote }}', '"a \\nb \\n c"'],
  ['toString of any value', '{{ toString (dict "a" (list 1 2.5 nil)) }}', 'map[a:[1 2.5 <nil>]]'],
  ['sortAlpha sorts by bytes', '{{ sortAlpha (list "b" 10 nil "é" "B" 9) }}', '[10 9 B b é]'],
  [
    'sortAlpha sorts a list of texts where it stands, others not',
    '{{ $l := splitList "," "b,a" }}{{ $m := list "b" "a" }}{{ sortAlpha $l }}{{ sortAlpha $m }}{{ $l }}{{ $m }}',
    '[a b][a b][a b][b a]',
  ],
  ['sortAlpha of what is no list', '{{ sortAlpha 5 }}', '[5]'],
  ['join prints each item', '{{ join "-" (list 1 nil "a" 2.0 true) }}', '1-a-2-true'],
  ['join of what is no list', '{{ join "-" "a" }} {{ join "-" nil | quote }}', 'a ""'],
  [
    'split names the parts',
    '{{ $p := split "$" "foo$bar" }}{{ $p._0 }} {{ $p._1 }} {{ typeOf $p }}',
    'foo bar map[string]string',
  ],
  ['splitn keeps the rest together', '{{ (splitn "," 2 "a,b,c")._1 }}', 'b,c'],
  ['splitn by zero is empty', '{{ len (splitn "," 0 "a,b") }}', '0'],
  ['splitList by nothing gives characters', R`{{ splitList "" "aé\xff" | toJson }}`, '["a","é","\\ufffd"]'],
  ['toStrings leaves nil out', '{{ toStrings (list 1 nil "b") | toJson }}', '["1","b"]'],
  ['sha1sum', '{{ sha1sum "hello" }}', 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'],
  [
    'sha256sum of bytes',
    R`{{ sha256sum "\xff\x00" }}`,
    'ea5dbf9596d187e9500f23e9a680109475341cf4e81f7e043f7d97152c10772f',
  ],
  ['sha512sum', '{{ sha512sum "" | trunc 16 }}', 'cf83e1357eefb8bd'],
  ['adler32sum is decimal', '{{ adler32sum "Wikipedia" }}', '300286872'],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});

test.each([
  ['substr fails where Go panics', '{{ substr 4 2 "hello" }}', 'runtime error: slice bounds out of range [4:2]'],
  ['repeat fails for a negative count', '{{ repeat -1 "a" }}', 'strings: negative Repeat count'],
  ['indent fails for a negative width', '{{ indent -1 "a" }}', 'strings: negative Repeat count'],
])('%s', (_, template, message) => {
  expect(failure(template)).toBe(message);
});
