import type { Effort } from './effort.ts';

/** With commas between them. @throws GjsonLimitExceeded before it is made, when it is too large */
export function joined(texts: readonly string[], effort: Effort): string {
  effort.spend(0, texts.length);
  effort.make(texts.reduce((length, text) => length + text.length + 1, 0));
  return texts.join(',');
}
