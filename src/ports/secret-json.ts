/** Content of an object of any kind, in transit: its strings and numbers may be secret values. */

/** A number as it is written in JSON: no digit of it is lost. */
export class JsonNumber {
  readonly literal: string;

  constructor(literal: string) {
    this.literal = literal;
  }
}

/** Objects are maps, so that no key (`__proto__`) means anything but itself. */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}

export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Far deeper than any honest object: what recurses must have an end. */
const MAX_DEPTH = 500;

/** Leaves the reader from any depth; carries nothing of what was read. */
class NotReadable extends Error {}

interface NumberSource {
  readonly source?: string;
}

/** For `JSON.parse`: see https://tc39.es/proposal-json-parse-with-source/ */
function keepingNumbers(_key: string, value: unknown, context?: NumberSource): unknown {
  return typeof value === 'number' ? new JsonNumber(context?.source ?? String(value)) : value;
}

function toJson(value: unknown, depth: number): Json {
  if (depth > MAX_DEPTH) throw new NotReadable();
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (value instanceof JsonNumber) return value;
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1));
  if (typeof value !== 'object') throw new NotReadable();
  return new Map(Object.entries(value).map(([key, member]) => [key, toJson(member, depth + 1)]));
}

/** Undefined for what is not JSON, or is nested deeper than can be worked on. The parser's error is dropped: it quotes. */
export function parseJson(text: string): Json | undefined {
  try {
    return toJson(JSON.parse(text, keepingNumbers), 0);
  } catch {
    return undefined;
  }
}

export function encodeJson(value: Json): string {
  if (value instanceof JsonNumber) return value.literal;
  if (isJsonList(value)) return `[${value.map(encodeJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Array.from(value, ([key, member]) => `${JSON.stringify(key)}:${encodeJson(member)}`);
  return `{${members.join(',')}}`;
}

const REDACTED = '[redacted]';

/** Content between the place where it was made or read and the write: whoever prints it sees `[redacted]`. */
export class SecretJson<T extends Json = Json> {
  readonly #content: T;

  constructor(content: T) {
    this.#content = content;
  }

  reveal(): T {
    return this.#content;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}
