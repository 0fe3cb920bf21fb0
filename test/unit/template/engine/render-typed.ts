/** Renders with the functions of this folder's tests, to an output or an error as the golden files hold it. */

import { BUILTINS } from '../../../../src/template/engine/builtins.ts';
import { LocatedFault } from '../../../../src/template/engine/located-fault.ts';
import { parse } from '../../../../src/template/engine/parse.ts';
import { render } from '../../../../src/template/engine/render.ts';
import { DEFAULT_LIMITS } from '../../../../src/template/template.ts';
import { goString } from '../../../../src/template/value.ts';
import { TYPED_FUNCTIONS } from './typed-functions.ts';

export interface GoldenCase {
  readonly template: string;
  /** In base64. @default none */
  readonly data?: Readonly<Record<string, string>>;
  readonly delimiters?: readonly [left: string, right: string];
  readonly missingKey?: 'default';
}

/** The output is a byte a character. */
export type GoldenResult = { readonly output: string } | { readonly error: string };

export function renderTyped({ template, data = {}, delimiters, missingKey }: GoldenCase): GoldenResult {
  const name = goString('k');
  const [left, right] = delimiters ?? ['{{', '}}'];
  const source = goString(template);
  const shared = { name, limits: DEFAULT_LIMITS };
  try {
    const definitions = parse(source, {
      ...shared,
      delimiters: { left: goString(left), right: goString(right) },
      hasFunction: (word) => TYPED_FUNCTIONS.has(word) || BUILTINS.has(word),
    });
    const program = { ...shared, source, definitions, functions: TYPED_FUNCTIONS, builtins: BUILTINS };
    const bytes = Object.entries(data).map(([key, value]): [string, Uint8Array] => [key, Buffer.from(value, 'base64')]);
    return { output: render({ ...program, missingKey: missingKey ?? 'error' }, new Map(bytes), () => 0) };
  } catch (error) {
    if (error instanceof LocatedFault) return { error: error.message };
    throw error;
  }
}
