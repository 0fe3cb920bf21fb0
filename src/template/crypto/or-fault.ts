/** Calls of node:crypto and `JSON.parse`, which may refuse their input: their messages may hold a part of it and are not passed on. */

import { TemplateFault } from '../value.ts';

/**
 * @param work nothing that counts steps: whatever it throws becomes the fault
 * @param message what was wrong, without any value
 * @throws TemplateFault
 */
export function orFault<T>(message: string, work: () => T): T {
  try {
    return work();
  } catch {
    throw new TemplateFault(message);
  }
}
