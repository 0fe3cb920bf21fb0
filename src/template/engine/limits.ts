/** What a template may cost. */

export interface Limits {
  /** Nodes evaluated and units of work done by functions. */
  readonly steps: number;
  /** Bytes of output, and of any one value made on the way. */
  readonly bytes: number;
  /** Templates that call templates, and nested expressions. */
  readonly depth: number;
}

/** `if`, `with` and `range` inside each other, `else if` among them: what the stack holds with ease. */
export const MAX_NESTED_BLOCKS = 400;
