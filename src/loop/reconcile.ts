/** The contract of the loop: a key in, the time of the next look out. */

/** When to look at the key again by itself. A change of its inputs brings it back sooner. */
export type Next = { readonly kind: 'done' } | { readonly kind: 'after'; readonly delayMs: number };

export const DONE: Next = { kind: 'done' };

/**
 * Reads the present state of `key`, decides, acts. It may be called at any time and any number of times.
 * A throw means: again with backoff, unless the error is a KeyturnError whose advice is `onChange`.
 */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<Next>;
