/** What ends the parsing or the run of a template: Go's whole message, with the template's name and position. */

import { type GoString, goToText } from '../value.ts';

/** Longer messages lose their middle, which is source text: the place is at the start, the cause at the end. */
const MAX_MESSAGE_BYTES = 2048;

function shortened(message: string): string {
  if (message.length <= MAX_MESSAGE_BYTES) return message;
  const half = MAX_MESSAGE_BYTES / 2;
  return `${message.slice(0, half)} ... ${message.slice(-half)}`;
}

export class LocatedFault extends Error {
  override readonly name = 'LocatedFault';

  /** @param message bytes, as all that the engine handles */
  constructor(message: string) {
    super(goToText(shortened(message) as GoString));
  }
}
