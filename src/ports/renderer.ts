/** Rendering of templates, away from the process that everything else runs in. */

import { KeyturnError } from './errors.ts';
import type { SecretData, SecretValue } from './secret-value.ts';

/** How what was rendered is read. */
export type RenderedForm = 'value' | 'map' | 'json' | 'jsonOrText';

export interface RenderTemplate {
  /** The key that is rendered, for messages. */
  readonly name: string;
  /** Where the manifest has it, for messages, such as `spec.target.template.data`. */
  readonly field: string;
  readonly source: SecretValue;
  /** True for a template that is itself kept in a Secret: messages then quote nothing of it. */
  readonly isSecret: boolean;
  /**
   * `value` takes the result as it is; `map` reads it as a YAML map of keys and values; `json` reads it as YAML, whatever
   * it is, and gives it as JSON; `jsonOrText` gives what is no YAML as a JSON string.
   */
  readonly as: RenderedForm;
}

/** All that is rendered for one object, at once: each template sees the same data. */
export interface RenderJobs {
  /** Whose they are, in the state in which they are: what took long once is expected to do so again. */
  readonly subject: string;
  readonly templates: readonly RenderTemplate[];
  readonly data: SecretData;
}

export type Rendered =
  | { readonly kind: 'value'; readonly value: SecretValue }
  | { readonly kind: 'map'; readonly values: SecretData };

export interface Renderer {
  /**
   * The results in the order of the templates; the first one that fails fails the whole. No message holds a value of the
   * data. An abort ends the waiting, and rejects with its reason.
   * @throws InvalidSpec when a template does not parse
   * @throws InvalidSecretContent when one fails as it runs, gives no YAML (map) where it should, or exceeds a limit
   * @throws RendererUnavailable when nothing can be rendered now
   */
  render(jobs: RenderJobs, signal: AbortSignal): Promise<readonly Rendered[]>;
  /** Ends what runs and what waits, with RendererUnavailable. */
  close(): Promise<void>;
}

/** Rendering is not possible at the moment: too much waits for it, it could not be started, or it was ended. */
export class RendererUnavailable extends KeyturnError {
  readonly retry = 'backoff';
}
