/** The room's door: Go's `text/template` with sprig's functions. Pure but for the clock that it is given. */

import type { GoString } from './value.ts';

export interface TemplateLimits {
  /** Nodes evaluated and units of work done by functions. */
  readonly steps: number;
  /** Bytes of output, and of any one value made on the way. */
  readonly bytes: number;
  /** Templates that call templates, and nested expressions. */
  readonly depth: number;
}

/** @default what one Secret can hold is 1 MiB; a template that needs more than this is a mistake or an attack. */
export const DEFAULT_LIMITS: TemplateLimits = { steps: 1_000_000, bytes: 4 * 1024 * 1024, depth: 100 };

export interface TemplateOptions {
  /** In errors; Keyturn gives the key that is rendered. */
  readonly name: string;
  /** @default `{{` and `}}` */
  readonly delimiters?: readonly [left: string, right: string];
  /** What `{{ .nope }}` does. @default 'error', as upstream has it; 'default' prints `<no value>` */
  readonly missingKey?: 'error' | 'default';
  readonly limits?: TemplateLimits;
  readonly nowMs?: () => number;
}

/** A template that does not parse, or fails as it runs. The message is Go's, with the template's name and position, and never holds a value of the data. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export interface Template {
  /**
   * @param data the root, a `map[string]string`
   * @throws TemplateError
   */
  render(data: ReadonlyMap<string, Uint8Array>): Uint8Array;
}

export type { GoString };
