/** Where Go's message would tell a value of the data, ours says less. */

import { describe, expect, test } from 'vitest';
import { renderTyped } from './render-typed.ts';

const DATA = { secret: Buffer.from('hunter2').toString('base64') };

/** The end of the message; Go's own stands beside where it differs. */
const REFUSED: Readonly<Record<string, readonly [template: string, message: string]>> = {
  "range over a string (Go: range can't iterate over hunter2)": [
    '{{ range .secret }}{{ end }}',
    'template: k:1:9: executing "k" at <.secret>: range can\'t iterate over string',
  ],
  "range over an int with two variables (Go: can't use 7 to iterate)": [
    '{{ range $i, $e := len .secret }}{{ end }}',
    'template: k:1:23: executing "k" at <.secret>: can\'t use int to iterate over more than one variable',
  ],
  'an index out of range (Go: index out of range: 7)': [
    '{{ index (list 1) (len .secret) }}',
    'template: k:1:3: executing "k" at <index (list 1) (len .secret)>: error calling index: index out of range',
  ],
  'a slice out of range (Go: index out of range: 14)': [
    '{{ slice .secret 14 }}',
    'template: k:1:3: executing "k" at <slice .secret 14>: error calling slice: index out of range',
  ],
  'a slice that ends before it starts (Go: invalid slice index: 7 > 1)': [
    '{{ slice .secret (len .secret) 1 }}',
    'template: k:1:3: executing "k" at <slice .secret (len .secret) 1>: error calling slice: invalid slice index: the start is after the end',
  ],
  'lists that do not compare (Go: non-comparable type [hunter2]: []interface {})': [
    '{{ eq (list .secret) (list .secret) }}',
    'template: k:1:3: executing "k" at <eq (list .secret) (list .secret)>: error calling eq: non-comparable type []interface {}',
  ],
  'kinds that do not compare (Go: non-comparable types [hunter2]: []interface {}, ...)': [
    '{{ eq (list .secret) (dict "a" .secret) }}',
    'template: k:1:3: executing "k" at <eq (list .secret) (dict "a" .secret)>: error calling eq: non-comparable types []interface {}, map[string]interface {}',
  ],
  'call of what the pipe brings (Go: non-function hunter2 of type string)': [
    '{{ .secret | call }}',
    'template: k:1:13: executing "k" at <call>: error calling call: non-function of type string',
  ],
};

describe('errors tell no value', () => {
  test.each(Object.entries(REFUSED))('%s', (_sentence, [template, error]) => {
    expect(renderTyped({ template, data: DATA })).toEqual({ error });
  });

  test('a function that breaks tells its class, not its message', () => {
    expect(renderTyped({ template: '{{ breaking .secret }}', data: DATA })).toEqual({
      error: 'template: k:1:3: executing "k" at <breaking .secret>: error calling breaking: internal error (TypeError)',
    });
  });
});
