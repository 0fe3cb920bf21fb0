/** What rendering a target takes and gives: templates and data, values and maps. Who renders is not built yet. */

import type { SecretData, SecretValue } from './secret-value.ts';

export interface RenderTemplate {
  /** The key that is rendered, for messages. */
  readonly name: string;
  /** Where the manifest has it, for messages, such as `spec.target.template.data`. */
  readonly field: string;
  readonly source: SecretValue;
  /** True for a template that is itself kept in a Secret: messages then quote nothing of it. */
  readonly isSecret: boolean;
  /** `value` takes the result as it is; `map` reads it as a YAML map of keys and values. */
  readonly as: 'value' | 'map';
}

/** All that is rendered for one object, at once: each template sees the same data. */
export interface RenderJobs {
  readonly templates: readonly RenderTemplate[];
  readonly data: SecretData;
}

export type Rendered =
  | { readonly kind: 'value'; readonly value: SecretValue }
  | { readonly kind: 'map'; readonly values: SecretData };
