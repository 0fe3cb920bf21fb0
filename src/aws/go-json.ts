/** JSON as Go's `encoding/json` writes it by default, which manifests and templates made for upstream may compare. */

/** Escaped by Go so that the text may stand in HTML and in JavaScript; JSON's own escapes are the same in both. */
const ESCAPED = /[<>&\u2028\u2029]/g;

function goString(text: string): string {
  return JSON.stringify(text).replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A `map[string]string`: keys sorted by their bytes. */
export function goJsonObject(entries: ReadonlyMap<string, string>): string {
  const members = [...entries]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([key, value]) => `${goString(key)}:${goString(value)}`);
  return `{${members.join(',')}}`;
}
