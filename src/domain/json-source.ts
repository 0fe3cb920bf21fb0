/**
 * A strict JSON reader that keeps where each value stands in the source, so that big integers, number formats and
 * the whitespace inside objects survive: what `JSON.parse` would lose and manifests rely on.
 */

export type JsonNode = JsonContainer | JsonScalar;

interface Span {
  readonly start: number;
  readonly end: number;
}

export type JsonContainer =
  | (Span & { readonly kind: 'object'; readonly members: readonly (readonly [string, JsonNode])[] })
  | (Span & { readonly kind: 'array'; readonly items: readonly JsonNode[] });

export type JsonScalar =
  | (Span & { readonly kind: 'string'; readonly text: string })
  | (Span & { readonly kind: 'number' | 'true' | 'false' | 'null' });

/** Deeper nesting is refused: a reader that recurses must have an end. */
const MAX_DEPTH = 512;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/** Leaves the reader from any depth; never carries a part of the source, which is a secret. */
class NotJson extends Error {}

/** The text of a JSON string token. The parser's own error is dropped: it quotes the source. */
function unquote(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    throw new NotJson();
  }
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  document(): JsonNode {
    const node = this.#value(0);
    this.#skip();
    if (this.#at !== this.#source.length) throw new NotJson();
    return node;
  }

  #value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw new NotJson();
    this.#skip();
    switch (this.#source[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #object(depth: number): JsonNode {
    const start = this.#at;
    const members: (readonly [string, JsonNode])[] = [];
    this.#list('}', () => {
      const key = this.#string().text;
      if (!this.#accept(':')) throw new NotJson();
      members.push([key, this.#value(depth + 1)]);
    });
    return { kind: 'object', start, end: this.#at, members };
  }

  #array(depth: number): JsonNode {
    const start = this.#at;
    const items: JsonNode[] = [];
    this.#list(']', () => {
      items.push(this.#value(depth + 1));
    });
    return { kind: 'array', start, end: this.#at, items };
  }

  /** Stands on the opening bracket; reads elements and commas up to and including `close`. */
  #list(close: string, element: () => void): void {
    this.#at += 1;
    if (this.#accept(close)) return;
    do {
      this.#skip();
      element();
    } while (this.#accept(','));
    if (!this.#accept(close)) throw new NotJson();
  }

  #string(): JsonScalar & { readonly text: string } {
    const start = this.#at;
    if (this.#source[start] !== '"') throw new NotJson();
    do {
      this.#at += this.#source[this.#at] === '\\' ? 2 : 1;
      if (this.#at >= this.#source.length) throw new NotJson();
    } while (this.#source[this.#at] !== '"');
    this.#at += 1;
    return { kind: 'string', start, end: this.#at, text: unquote(this.#source.slice(start, this.#at)) };
  }

  #scalar(): JsonNode {
    const start = this.#at;
    const word = this.#match(WORD);
    if (word === 'true' || word === 'false' || word === 'null') return { kind: word, start, end: this.#at };
    if (this.#match(NUMBER) === undefined) throw new NotJson();
    return { kind: 'number', start, end: this.#at };
  }

  #accept(character: string): boolean {
    this.#skip();
    if (this.#source[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skip(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

/** The document's root, or undefined when `source` is not JSON (RFC 8259). */
export function readJson(source: string): JsonNode | undefined {
  try {
    return new Reader(source).document();
  } catch (error) {
    if (error instanceof NotJson) return undefined;
    throw error;
  }
}

/** The source text of a value, as it stands there. */
export function sourceOf(node: JsonNode, source: string): string {
  return source.slice(node.start, node.end);
}
