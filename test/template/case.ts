/** One template with its data, and what an engine made of it. */

export interface TemplateCase {
  readonly template: string;
  readonly data: ReadonlyMap<string, Uint8Array>;
  readonly delimiters?: readonly [left: string, right: string];
}

export type Outcome =
  | { readonly kind: 'output'; readonly bytes: Uint8Array }
  | { readonly kind: 'failure'; readonly message: string }
  /** Out of time or memory: it says nothing about the case. */
  | { readonly kind: 'gave up' }
  /** The engine threw what it must not: never right. */
  | { readonly kind: 'crash'; readonly stack: string };

/** Both fail, or both give the same bytes; a case that one gave up on proves nothing. */
export function agree(one: Outcome, other: Outcome): boolean {
  if (one.kind === 'crash' || other.kind === 'crash') return false;
  if (one.kind === 'gave up' || other.kind === 'gave up') return true;
  if (one.kind === 'output' && other.kind === 'output') return Buffer.compare(one.bytes, other.bytes) === 0;
  return one.kind === other.kind;
}
