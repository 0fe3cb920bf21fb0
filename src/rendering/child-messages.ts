/** What the renderer and its child say to each other, and how each of them narrows what it is told. */

import type { RenderedForm, RenderTemplate } from '../ports/renderer.ts';
import { encodeFrame, type Frame } from './frame.ts';

export type TemplateLabel = Pick<RenderTemplate, 'name' | 'field' | 'isSecret' | 'as'>;

/** What actions stand between, in place of `{{` and `}}`. */
export interface Delimiters {
  readonly left: string;
  readonly right: string;
}

export interface RenderRequest {
  readonly templates: readonly TemplateLabel[];
  /** Keys of the data. */
  readonly keys: readonly string[];
  readonly delimiters?: Delimiters | undefined;
  /** The values of the keys, then the sources of the templates. */
  readonly parts: readonly Uint8Array[];
}

/** What one template gave: how many of the parts are its own, and under which keys; a `value` has no keys. */
export interface ResultKeys {
  readonly keys?: readonly string[] | undefined;
}

export type RenderReply =
  | { readonly kind: 'rendered'; readonly results: readonly ResultKeys[]; readonly parts: readonly Uint8Array[] }
  /** `parse`: a template can never work. `run`: it did not on this data. The message may be shown. */
  | { readonly kind: 'failed'; readonly when: 'parse' | 'run'; readonly message: string };

export type ChildMessage =
  /** What the child says first: its code is loaded, requests are served. */
  | { readonly kind: 'ready' }
  /** The template that comes next, counted from 0. It is not said of the first one. */
  | { readonly kind: 'progress'; readonly index: number }
  | RenderReply;

export function requestBytes({ parts, ...message }: RenderRequest): Buffer {
  return encodeFrame(message, parts);
}

export function childMessageBytes(said: ChildMessage): Buffer {
  if (said.kind !== 'rendered') return encodeFrame(said);
  const { parts, ...message } = said;
  return encodeFrame(message, parts);
}

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isResultKeys(value: unknown): value is ResultKeys {
  return isRecord(value) && (value['keys'] === undefined || areTexts(value['keys']));
}

function renderedIn({ results }: Fields, parts: readonly Buffer[]): RenderReply | undefined {
  if (!Array.isArray(results) || !results.every(isResultKeys)) return undefined;
  const wanted = results.reduce((total, { keys }) => total + (keys?.length ?? 1), 0);
  return wanted === parts.length ? { kind: 'rendered', results, parts } : undefined;
}

function failedIn({ when, message }: Fields): RenderReply | undefined {
  if ((when !== 'parse' && when !== 'run') || typeof message !== 'string') return undefined;
  return { kind: 'failed', when, message };
}

/** Undefined for what no child says. */
export function childMessageIn({ message, parts }: Frame): ChildMessage | undefined {
  if (!isRecord(message)) return undefined;
  switch (message['kind']) {
    case 'ready':
      return { kind: 'ready' };
    case 'progress':
      return typeof message['index'] === 'number' ? { kind: 'progress', index: message['index'] } : undefined;
    case 'rendered':
      return renderedIn(message, parts);
    case 'failed':
      return failedIn(message);
    default:
      return undefined;
  }
}

const FORMS: readonly RenderedForm[] = ['value', 'map', 'json', 'jsonOrText'];

function isLabel(value: unknown): value is TemplateLabel {
  if (!isRecord(value)) return false;
  const { name, field, isSecret, as } = value;
  const isNamed = typeof name === 'string' && typeof field === 'string';
  return isNamed && typeof isSecret === 'boolean' && FORMS.some((form) => form === as);
}

function isDelimiters(value: unknown): value is Delimiters {
  return isRecord(value) && typeof value['left'] === 'string' && typeof value['right'] === 'string';
}

/** Undefined for what no renderer asks. */
export function requestIn({ message, parts }: Frame): RenderRequest | undefined {
  if (!isRecord(message)) return undefined;
  const { templates, keys, delimiters } = message;
  if (!Array.isArray(templates) || !templates.every(isLabel) || !areTexts(keys)) return undefined;
  if (delimiters !== undefined && !isDelimiters(delimiters)) return undefined;
  return parts.length === keys.length + templates.length ? { templates, keys, delimiters, parts } : undefined;
}
