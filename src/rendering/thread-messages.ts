/** What the renderer and its thread say to each other. */

import type { RenderTemplate } from '../ports/renderer.ts';
import type { PackedBytes } from './packed-bytes.ts';

export type TemplateLabel = Pick<RenderTemplate, 'name' | 'field' | 'isSecret' | 'as'>;

export interface RenderRequest {
  readonly templates: readonly TemplateLabel[];
  /** Keys of the data. */
  readonly keys: readonly string[];
  /** The values of the keys, then the sources of the templates. */
  readonly packed: PackedBytes;
}

/** What one template gave: how many of the values are its own, and under which keys; a `value` has no keys. */
export interface ResultKeys {
  readonly keys: readonly string[] | undefined;
}

export type RenderReply =
  | { readonly kind: 'rendered'; readonly results: readonly ResultKeys[]; readonly packed: PackedBytes }
  /** `parse`: a template can never work. `run`: it did not on this data. The message may be shown. */
  | { readonly kind: 'failed'; readonly when: 'parse' | 'run'; readonly message: string };

/** What the thread sends first: its code is loaded, requests are served. */
export const READY = 'ready';

export interface ThreadData {
  /** One number: which template is being rendered, counted from 0. */
  readonly progress: Int32Array;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The other side is our own code of the same build: that a message is of this kind is all that can be in doubt. */
export function isReply(message: unknown): message is RenderReply {
  return isRecord(message) && (message['kind'] === 'rendered' || message['kind'] === 'failed');
}

export function isRequest(message: unknown): message is RenderRequest {
  return isRecord(message) && Array.isArray(message['templates']) && isRecord(message['packed']);
}

export function isThreadData(data: unknown): data is ThreadData {
  return isRecord(data) && data['progress'] instanceof Int32Array;
}
