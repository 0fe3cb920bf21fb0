/** A part of a text that is written by machine, between two marks. */

export interface Marks {
  readonly start: string;
  readonly end: string;
}

/** @throws Error when the text lacks the marks */
export function withBlock(text: string, { start, end }: Marks, block: string): string {
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`the mark "${start.trim()}" is missing, or the one of its end`);
  return text.slice(0, from + start.length) + block + text.slice(to);
}
