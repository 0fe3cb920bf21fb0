/** Renders what one object asks for. Runs in the child; no message that it makes holds a value of the data. */

import { compileTemplate, DEFAULT_LIMITS, TemplateError } from '../template/template.ts';
import { readYamlAsJson } from '../template/yaml-json.ts';
import { readYamlMap, YamlMapError } from '../template/yaml-map.ts';
import type { Delimiters, RenderReply, RenderRequest, ResultKeys } from './child-messages.ts';
import { failureText, type Suspect, templateLabel } from './failure-text.ts';

/** Why the request cannot be served; the message may be shown. */
class RequestFault extends Error {
  readonly when: 'parse' | 'run';

  constructor(when: 'parse' | 'run', message: string) {
    super(message);
    this.when = when;
  }
}

type Data = ReadonlyMap<string, Uint8Array>;

/** An error that nobody foresaw may quote anything: its class is told. */
function unforeseen(error: unknown, suspect: Suspect): RequestFault {
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  return new RequestFault('run', `${templateLabel(suspect)} failed with an internal error (${kind})`);
}

function rendered(data: Data, suspect: Suspect, delimiters: Delimiters | undefined): Uint8Array {
  let when: RequestFault['when'] = 'parse';
  try {
    const options = delimiters === undefined ? {} : { delimiters: [delimiters.left, delimiters.right] as const };
    const template = compileTemplate(suspect.source, { name: suspect.name, ...options });
    when = 'run';
    return template.render(data);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw unforeseen(error, suspect);
    const verb = when === 'parse' ? 'does not parse' : 'failed';
    throw new RequestFault(when, failureText(error.message, verb, suspect));
  }
}

/** @param what it should be */
function yaml<T>(read: () => T, what: string, suspect: Suspect): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof YamlMapError)) throw unforeseen(error, suspect);
    throw new RequestFault('run', `${templateLabel(suspect)} gives no ${what}: ${error.message}`);
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function asJsonString(text: Uint8Array, suspect: Suspect): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(UTF8.decode(text)));
  } catch {
    throw new RequestFault('run', `${templateLabel(suspect)} gives no text (UTF-8)`);
  }
}

function asJson(text: Uint8Array, suspect: Suspect): Uint8Array {
  try {
    return yaml(() => readYamlAsJson(text), 'YAML', suspect);
  } catch (error) {
    if (error instanceof RequestFault && suspect.as === 'jsonOrText') return asJsonString(text, suspect);
    throw error;
  }
}

/** What a template gave, in the form that is asked for: with keys, or as one value. */
function inForm(text: Uint8Array, suspect: Suspect): Data | Uint8Array {
  switch (suspect.as) {
    case 'value':
      return text;
    case 'map':
      return yaml(() => readYamlMap(text), 'YAML map of keys and values', suspect);
    case 'json':
    case 'jsonOrText':
      return asJson(text, suspect);
  }
}

interface Results {
  readonly keys: ResultKeys[];
  readonly values: Uint8Array[];
  bytes: number;
}

/** Each template may give as much as a Secret can hold, all together may not give more. */
function checkTotal(bytes: number, suspect: Suspect): void {
  if (bytes <= DEFAULT_LIMITS.bytes) return;
  throw new RequestFault(
    'run',
    `${templateLabel(suspect)} and those before it exceeded the limit of ${DEFAULT_LIMITS.bytes} bytes in all`,
  );
}

function add(text: Uint8Array, suspect: Suspect, made: Results): void {
  const form = inForm(text, suspect);
  const keys = form instanceof Uint8Array ? undefined : [...form.keys()];
  const values = form instanceof Uint8Array ? [form] : [...form.values()];
  for (const { byteLength } of values) made.bytes += byteLength;
  for (const key of keys ?? []) made.bytes += Buffer.byteLength(key);
  checkTotal(made.bytes, suspect);
  made.keys.push({ keys });
  for (const value of values) made.values.push(value);
}

function results(request: RenderRequest, onTemplate: (index: number) => void): Results {
  const { templates, keys, delimiters, parts } = request;
  const values = parts.slice(0, keys.length).map(bufferOf);
  const data = new Map(keys.map((key, index) => [key, values[index] ?? Buffer.alloc(0)]));
  const made: Results = { keys: [], values: [], bytes: 0 };
  for (const [index, template] of templates.entries()) {
    onTemplate(index);
    const source = bufferOf(parts[keys.length + index] ?? new Uint8Array()).toString('utf8');
    const suspect = { ...template, source, data: values };
    add(rendered(data, suspect, delimiters), suspect, made);
  }
  return made;
}

/** A view. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** @param onTemplate is told which template comes next */
export function serveRequest(request: RenderRequest, onTemplate: (index: number) => void): RenderReply {
  try {
    const { keys, values } = results(request, onTemplate);
    return { kind: 'rendered', results: keys, parts: values };
  } catch (error) {
    if (error instanceof RequestFault) return { kind: 'failed', when: error.when, message: error.message };
    const kind = error instanceof Error ? error.constructor.name : typeof error;
    return { kind: 'failed', when: 'run', message: `the templates failed with an internal error (${kind})` };
  }
}
