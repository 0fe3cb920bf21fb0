/** Damage to templates. */

import { damage } from '../oracle/damage.ts';

const TOKENS = [
  '{{', '}}', '{{-', '-}}', '\u0001', '\u0002', '\u0001- ', ' -\u0002', '|', ':=', '=', ',', '(', ')', '.', '..', '$', '$x', '"', '`', "'", '/*', '*/', '\\',
  ' end ', ' else ', ' if ', ' range ', ' with ', ' define "t" ', ' template "t1" ', ' block ', ' break ', ' continue ', ' nil ', ' 1 ', ' 0x ', ' 1.2.3 ',
  ' 09 ', ' .a.b ', ' nope ', ' len ', '\n', ' ', '\u0001end\u0002', '\u0001else\u0002', '\u0001if .\u0002', '\u0001range .\u0002', '\u0001break\u0002',
  '\u0001template "t1" .\u0002', '\u0001else if 1\u0002', '\u0001/* x */\u0002', '#', '@', '&', '+', '-', '1_', '1e', '0b2', "'ab'", '"\\q"', '.é', ' true.x ', ' 1e400 ', ' 1i ',
]; // biome-ignore format: a table

export const damaged = damage(TOKENS);
