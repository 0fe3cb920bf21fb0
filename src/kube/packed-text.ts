/**
 * JSON text of the objects that a view holds, with what most of them have in common as one character each. JSON has no
 * control character of its own: it escapes those of its strings, so that what stands for a phrase is never mistaken.
 */

/** At most as many as there are control characters; the longer one first where one begins like another. */
const PHRASES: readonly string[] = [
  '{"kind":"valid","object":{"kind":"ExternalSecret","metadata":{"name":"',
  '"target":{"creationPolicy":"Owner","deletionPolicy":"Retain"}',
  '","message":"secret synced","reason":"SecretSynced","status":"True","type":"Ready"}]',
  '"conditions":[{"lastTransitionTime":"',
  '"controller":{"apiVersion":"external-secrets.io/v1","kind":"ExternalSecret","name":"',
  '"reconcile.external-secrets.io/created-by"',
  '"reconcile.external-secrets.io/managed"',
  '"keyturn.dev/source-hash"',
  '"fieldOwners":[{"manager":"externalsecrets.external-secrets.io/',
  ',"deleting":false,"labels":{',
  ',"creationTimestamp":"',
  '"syncedResourceVersion":"',
  '","resourceVersion":"',
  '"secretStoreRef":{"',
  '"refreshInterval":"',
  '"refreshTime":"',
  '"annotations":',
  '"changedAtMs":',
  '"generation":',
  '","namespace":"',
  '"dataKeys":[',
  '"remoteRef":{"key":"',
  '"secretKey":"',
  '"property":"',
  '"extract":{"key":"',
  '","uid":"',
  '"binding":{"name":"',
  '"labels":',
  '"},"spec":{',
  '"status":{',
];

const CODES: ReadonlyMap<string, string> = new Map(
  PHRASES.map((phrase, number) => [phrase, String.fromCharCode(number + 1)]),
);
const ANY_PHRASE = new RegExp(PHRASES.map((phrase) => phrase.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what stands for the phrases
const ANY_CODE = /[\u0001-\u001f]/g;

/** @param value nothing that JSON does not keep */
export function pack(value: unknown): string {
  return JSON.stringify(value).replace(ANY_PHRASE, (phrase) => CODES.get(phrase) ?? phrase);
}

export function unpack(packed: string): unknown {
  const value: unknown = JSON.parse(packed.replace(ANY_CODE, (code) => PHRASES[code.charCodeAt(0) - 1] ?? code));
  return value;
}
