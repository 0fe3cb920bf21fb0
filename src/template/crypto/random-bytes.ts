/** `randBytes`: base64 of new random bytes. */

import { randomBytes } from 'node:crypto';
import { type Execution, type GoString, goString, TemplateFault } from '../value.ts';
import { encodeBase64 } from './base64.ts';

/** @throws TemplateFault when the count is negative; TemplateError when it is beyond the limits */
export function randomBase64(count: bigint, execution: Execution): GoString {
  if (count < 0n) throw new TemplateFault('the number of random bytes is negative');
  const length = Number(count);
  execution.allocate(Math.ceil(length / 3) * 4);
  execution.spend(Math.ceil(length / 1024));
  return goString(encodeBase64(randomBytes(length)));
}
