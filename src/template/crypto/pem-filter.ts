/** `filterPEM`: the blocks of one type, such as the keys out of a file that holds keys and certificates. */

import { type GoString, TemplateFault } from '../value.ts';
import { allPem, encodePem, fromFirstBegin } from './pem.ts';

/**
 * @param type compared without regard to case
 * @throws TemplateFault when nothing is found and what cannot be read stands in the input
 */
export function filterPem(type: GoString, input: GoString): GoString {
  const { blocks, rest } = allPem(fromFirstBegin(input));
  const wanted = blocks.filter((block) => block.type.toLowerCase() === type.toLowerCase());
  if (wanted.length === 0 && rest !== '')
    throw new TemplateFault('there is no such block, and what is left of the input is not PEM');
  return wanted.map((block) => encodePem(block.type, block.bytes, block.headers)).join('') as GoString;
}
