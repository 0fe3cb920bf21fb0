/**
 * What may be told of a template that failed. The engine quotes the template, which the user wrote, but a function may
 * quote what it was given: so a reason in which anything of the data is found is not told, only the place.
 */

import type { TemplateLabel } from './child-messages.ts';

export interface Suspect extends TemplateLabel {
  readonly source: string;
  readonly data: readonly Buffer[];
}

/** Shorter values are in any text. */
const SHORTEST_VALUE_BYTES = 4;
/** A piece of a value that is found in a reason is no chance. */
const PIECE_BYTES = 8;
/** A reason that is so long quotes a lot, and is slow to look through. */
const LONGEST_REASON_BYTES = 400;

const WITHHELD = 'the reason is not shown, because it may hold a secret value';

export function templateLabel({ name, field }: Pick<TemplateLabel, 'name' | 'field'>): string {
  return `the template for ${JSON.stringify(name)} (${field})`;
}

function holdsValue(reason: Buffer, data: readonly Buffer[]): boolean {
  return data.some((value) => value.byteLength >= SHORTEST_VALUE_BYTES && reason.includes(value));
}

/** Whether a piece of the reason stands in a value and not in the template. */
function holdsPiece(reason: Buffer, source: Buffer, data: readonly Buffer[]): boolean {
  for (let start = 0; start + PIECE_BYTES <= reason.length; start++) {
    const piece = reason.subarray(start, start + PIECE_BYTES);
    if (data.some((value) => value.includes(piece)) && !source.includes(piece)) return true;
  }
  return false;
}

const FAIL_CALL = 'error calling fail: ';

/** What `fail` says is told where the template has it as a constant: what was put together may be a value in disguise. */
function isPutTogether(reason: string, source: string): boolean {
  const at = reason.indexOf(FAIL_CALL);
  if (at === -1) return false;
  const text = reason.slice(at + FAIL_CALL.length);
  return !source.includes(JSON.stringify(text)) && !source.includes(`\`${text}\``);
}

function isTold(reason: string, { isSecret, source, data }: Suspect): boolean {
  if (isSecret || isPutTogether(reason, source)) return false;
  const bytes = Buffer.from(reason);
  if (bytes.length > LONGEST_REASON_BYTES) return false;
  return !holdsValue(bytes, data) && !holdsPiece(bytes, Buffer.from(source), data);
}

/** The template may call itself anything: its name is not looked for by a pattern. */
function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

const PLACE = /^(\d+)(?::(\d+))?: /;

/** @param message Go's, such as `template: url:1:5: executing "url" at <.nope>: map has no entry for key "nope"` */
export function failureText(message: string, verb: 'does not parse' | 'failed', suspect: Suspect): string {
  const located = withoutPrefix(message, `template: ${suspect.name}:`);
  const [matched = '', line, column] = PLACE.exec(located) ?? [];
  const reason = withoutPrefix(located.slice(matched.length), `executing ${JSON.stringify(suspect.name)} `);
  const lineText = line === undefined ? '' : ` at line ${line}`;
  const place = column === undefined ? lineText : `${lineText}, byte ${column}`;
  return `${templateLabel(suspect)} ${verb}${place}: ${isTold(reason, suspect) ? reason : WITHHELD}`;
}
