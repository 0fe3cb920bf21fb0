/** The room's door: Go's `text/template` with sprig's functions. Pure but for the clock that it is given. */

import { BUILTINS } from './engine/builtins.ts';
import { isExhaustion } from './engine/exhaustion.ts';
import type { Limits } from './engine/limits.ts';
import { LocatedFault } from './engine/located-fault.ts';
import { type Definitions, parse } from './engine/parse.ts';
import { render } from './engine/render.ts';
import { FUNCTIONS } from './functions/table.ts';
import { type GoString, goString } from './value.ts';

export type TemplateLimits = Limits;

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

/** The engine's faults become the door's. What the limits let through may still be more than this machine can hold. */
function guarded<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof LocatedFault) throw new TemplateError(error.message);
    if (isExhaustion(error)) throw new TemplateError(`template: ${name}: exceeded what can be held in memory`);
    throw error;
  }
}

function parseSource(name: GoString, source: GoString, limits: TemplateLimits, options: TemplateOptions): Definitions {
  const [left, right] = options.delimiters ?? ['', ''];
  return parse(source, {
    name,
    delimiters: { left: goString(left), right: goString(right) },
    limits,
    hasFunction: (word) => FUNCTIONS.has(word) || BUILTINS.has(word),
  });
}

/**
 * Parses a template once, to be rendered any number of times.
 * @throws TemplateError when it does not parse
 */
export function compileTemplate(source: string, options: TemplateOptions): Template {
  const { limits = DEFAULT_LIMITS, missingKey = 'error', nowMs = Date.now } = options;
  const name = goString(options.name);
  const text = goString(source);
  const definitions = guarded(options.name, () => parseSource(name, text, limits, options));
  const program = { name, source: text, definitions, functions: FUNCTIONS, builtins: BUILTINS, missingKey, limits };
  return {
    render: (data) =>
      Buffer.from(
        guarded(options.name, () => render(program, data, nowMs)),
        'latin1',
      ),
  };
}
