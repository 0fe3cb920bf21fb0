/** What an engine made of a case. */

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

export function crash(error: unknown): Outcome {
  return { kind: 'crash', stack: error instanceof Error ? String(error.stack) : String(error) };
}

export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'output':
      return JSON.stringify(Buffer.from(outcome.bytes).toString('utf8'));
    case 'failure':
      return `fails: ${outcome.message}`;
    case 'crash':
      return `crashes: ${outcome.stack.slice(0, 400)}`;
    case 'gave up':
      return 'gave up';
  }
}
