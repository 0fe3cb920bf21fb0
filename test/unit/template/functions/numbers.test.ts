/** Numbers: 64 bits, exact decimals, and casts that never fail. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

test.each([
  ['int cuts a decimal text at its point', '{{ int "1.9" }} {{ int "-.5" }} {{ int "1e3" }} {{ int "" }}', '1 0 0 0'],
  [
    'int reads the prefixes of Go',
    '{{ int "0x1F" }} {{ int "017" }} {{ int "0b11" }} {{ int "1_000" }} {{ int "08" }}',
    '31 15 3 1000 0',
  ],
  [
    'int of other kinds',
    '{{ int true }} {{ int nil }} {{ int 3.99 }} {{ int -3.99 }} {{ int (list 1) }}',
    '1 0 3 -3 0',
  ],
  ['int64 of what is out of range', '{{ int64 "9223372036854775808" }} {{ int64 1e300 }}', '0 -9223372036854775808'],
  [
    'float64 of text',
    '{{ float64 "1_0.5" }} {{ float64 "0x1p-2" }} {{ float64 "inf" }} {{ float64 "1e400" }} {{ float64 " 1" }}',
    '10.5 0.25 +Inf 0 0',
  ],
  [
    'atoi keeps to the limit when out of range',
    '{{ atoi "99999999999999999999" }} {{ atoi "12a" }} {{ atoi "-7" }} {{ atoi "0x10" }}',
    '9223372036854775807 0 -7 0',
  ],
  ['toDecimal reads octal', '{{ toDecimal "777" }} {{ toDecimal 755 }} {{ toDecimal "8" }}', '511 493 0'],
  [
    'add wraps in 64 bits',
    '{{ add 9223372036854775807 1 }} {{ add }} {{ add "1" 2.9 true }}',
    '-9223372036854775808 0 4',
  ],
  ['sub mul and add1', '{{ sub 5 7 }} {{ mul 2 3 4 }} {{ mul 4611686018427387904 4 }} {{ add1 -1 }}', '-2 24 0 0'],
  ['div and mod round to zero', '{{ div -7 2 }} {{ mod -7 2 }} {{ div 7 -2 }} {{ mod 7 -2 }}', '-3 -1 -3 1'],
  ['addf is exact', '{{ addf 0.1 0.2 }} {{ addf 1 2.5 "3" }} {{ addf }}', '0.3 6.5 0'],
  ['subf mulf and add1f are exact', '{{ subf 0.3 0.1 }} {{ mulf 1.1 1.1 }} {{ add1f 0.1 }}', '0.2 1.21 1.1'],
  [
    'divf has 16 digits',
    '{{ divf 10 3 }} {{ divf 2 3 }} {{ divf -2 3 }} {{ divf 1 8 }}',
    '3.3333333333333335 0.6666666666666667 -0.6666666666666667 0.125',
  ],
  [
    'max and min are whole, maxf and minf not',
    '{{ max 1 2.9 "3" }} {{ min 4 -2.9 }} {{ maxf 1 2.9 }} {{ minf 4 -2.9 }}',
    '3 -2 2.9 -2.9',
  ],
  ['ceil and floor', '{{ ceil 1.1 }} {{ floor -1.1 }} {{ ceil "2.5" }}', '2 -2 3'],
  [
    'round to places',
    '{{ round 123.5555 3 }} {{ round 123.5 0 }} {{ round 1234 -2 }} {{ round -2.5 0 }}',
    '123.556 124 1200 -3',
  ],
  ['round from another fraction on', '{{ round 123.3 0 0.3 }} {{ round 123.29 0 0.3 }}', '123 123'],
  ['until counts up and down', '{{ until 3 }} {{ until -3 }} {{ until 0 }}', '[0 1 2] [0 -1 -2] []'],
  [
    'untilStep leads nowhere against its step',
    '{{ untilStep 3 6 2 }} {{ untilStep 6 3 -2 }} {{ untilStep 3 6 -1 }} {{ untilStep 3 3 0 }}',
    '[3 5] [6 4] [] []',
  ],
  [
    'seq is as the command',
    '{{ seq 3 }} | {{ seq -2 }} | {{ seq 2 5 }} | {{ seq 5 2 }} | {{ seq 0 2 5 }} | {{ seq 5 2 0 }} | {{ seq 5 -2 0 }} | {{ seq }} | {{ seq 1 2 3 4 }}',
    '1 2 3 | 1 0 -1 -2 | 2 3 4 5 | 5 4 3 2 | 0 2 4 |  | 5 3 1 |  | ',
  ],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});

test.each([
  ['div by zero fails', '{{ div 1 0 }}', 'runtime error: integer divide by zero'],
  ['divf by zero fails', '{{ divf 1 0 }}', 'decimal division by 0'],
])('%s', (_, template, message) => {
  expect(failure(template)).toBe(message);
});
