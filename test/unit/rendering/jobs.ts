/** What the renderer is asked in its tests, and what it gave, to be compared. */

import type { Rendered, RenderedForm, RenderJobs } from '../../../src/ports/renderer.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';

/** Some 50 ms of work within the limits, or less. */
export const SLOW = '{{ range 300000 }}{{ end }}';

export const NEVER = new AbortController().signal;

const FORMS: readonly RenderedForm[] = ['map', 'jsonOrText', 'json'];

/** Templates by name; those whose name begins with a form are read so. */
export function jobs(
  templates: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>> = {},
): RenderJobs {
  return {
    subject: Object.keys(templates).join(),
    templates: Object.entries(templates).map(([name, text]) => ({
      name,
      field: 'F',
      source: SecretValue.fromText(text),
      isSecret: false,
      as: FORMS.find((form) => name.startsWith(form)) ?? 'value',
    })),
    data: new Map(Object.entries(data).map(([key, text]) => [key, SecretValue.fromText(text)])),
  };
}

/** Works for many seconds, each template within its limits. */
export const ENDLESS = jobs(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`t${index}`, SLOW])));

export function shown(results: readonly Rendered[]): readonly unknown[] {
  return results.map((result) =>
    result.kind === 'value'
      ? result.value.revealText()
      : Object.fromEntries(Array.from(result.values, ([key, value]) => [key, value.revealText()])),
  );
}
