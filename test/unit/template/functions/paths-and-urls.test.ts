/** Paths and URLs. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

test.each([
  [
    'base dir ext clean isAbs',
    '{{ base "/a/b.tar.gz" }} {{ dir "/a/b/" }} {{ ext "/a.b/c" | quote }}{{ ext "a.tar.gz" }} {{ clean "a//b/../../../c/." }} {{ isAbs "/a" }}',
    'b.tar.gz /a/b "".gz ../c true',
  ],
  [
    'paths at their ends',
    '{{ base "" }} {{ base "///" }} {{ dir "" }} {{ dir "a" }} {{ dir "/" }} {{ clean "" }} {{ clean "/../a" }} {{ osBase "a/b" }}',
    '. / . . / . /a b',
  ],
  [
    'urlParse',
    '{{ urlParse "https://us%65r:p%40ss@[::1%25en0]:8080/p%61th/é?q=1&r=%20#fr%61g" | toJson }}',
    '{"fragment":"frag","host":"[::1%en0]:8080","hostname":"::1%en0","opaque":"","path":"/path/é","query":"q=1\\u0026r=%20","scheme":"https","userinfo":"user:p%40ss"}',
  ],
  [
    'urlParse of an opaque URL',
    '{{ urlParse "mailto:a@b.c?subject=x" | toJson }}',
    '{"fragment":"","host":"","hostname":"","opaque":"a@b.c","path":"","query":"subject=x","scheme":"mailto","userinfo":""}',
  ],
  [
    'urlParse of a path alone',
    '{{ urlParse "/a/b" | toJson }} {{ (urlParse "//host/x").host }}',
    '{"fragment":"","host":"","hostname":"","opaque":"","path":"/a/b","query":"","scheme":"","userinfo":""} host',
  ],
  ['urlParse takes lists of hosts but for HTTP', '{{ (urlParse "mongodb://a:1,b:2/x").host }}', 'a:1,b:2'],
  [
    'urlJoin',
    '{{ urlJoin (dict "scheme" "https" "host" "h:1" "path" "/a b/é" "query" "q=1" "fragment" "f g" "userinfo" "u:p%40") }}',
    'https://u:p%40@h:1/a%20b/%C3%A9?q=1#f%20g',
  ],
  [
    'urlJoin of parts',
    '{{ urlJoin (dict "host" "h" "path" "p") }} {{ urlJoin (dict "path" "a:b") }} {{ urlJoin (dict "scheme" "mailto" "opaque" "a@b") }} {{ urlJoin (dict "scheme" "file" "path" "/x") }}',
    '//h/p ./a:b mailto:a@b file:///x',
  ],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});

test.each([
  ['urlParse fails for a bad port', '{{ urlParse "http://a:b/" }}', 'unable to parse url'],
  [
    'urlJoin fails for what is no text',
    '{{ urlJoin (dict "host" 1) }}',
    'unable to parse host key, must be of type string, but int found',
  ],
])('%s', (_, template, message) => {
  expect(failure(template)).toBe(message);
});
