/** JSON as Go's `encoding/json` writes it, which manifests and templates made for upstream may compare. */

export type GoJson = null | boolean | number | string | readonly GoJson[] | GoJsonObject;
export type GoJsonObject = ReadonlyMap<string, GoJson>;

/** As Go compares strings: by their UTF-8 bytes, where JavaScript compares UTF-16 units. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function encodeString(text: string, escaped: RegExp): string {
  return JSON.stringify(text).replace(escaped, unicodeEscape);
}

const ALWAYS_ESCAPED = /[\u2028\u2029]/g;
const ESCAPED_FOR_HTML = /[<>&\u2028\u2029]/g;

/** @param escapesHtml as `json.Marshal` does, and an encoder with `SetEscapeHTML(false)` does not */
export function encodeGoJson(value: GoJson, escapesHtml: boolean): string {
  const escaped = escapesHtml ? ESCAPED_FOR_HTML : ALWAYS_ESCAPED;
  const encode = (part: GoJson): string => {
    if (typeof part === 'string') return encodeString(part, escaped);
    if (typeof part === 'number') return Object.is(part, -0) ? '-0' : String(part);
    if (part === null || typeof part === 'boolean') return String(part);
    if (!(part instanceof Map)) return `[${[...part].map(encode).join(',')}]`;
    const members = [...part].toSorted(([a], [b]) => compareBytes(a, b));
    return `{${members.map(([key, member]) => `${encodeString(key, escaped)}:${encode(member)}`).join(',')}}`;
  };
  return encode(value);
}
