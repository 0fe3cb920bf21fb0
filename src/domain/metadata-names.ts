/** Labels and annotations as the API server takes them: it would quote what it refuses, which may be a secret. */

const NAME = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST_SUBDOMAIN = 253;

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const VALUE_MEANING =
  "a label's value has at most 63 letters, digits, '-', '_' and '.', and begins and ends with a letter or digit";
const KEY_MEANING =
  "such a key has at most 63 letters, digits, '-', '_' and '.', begins and ends with a letter or digit, " +
  "and may have a domain and '/' before it";

function isQualifiedName(key: string): boolean {
  const [prefix, name, ...rest] = key.includes('/') ? key.split('/') : [undefined, key];
  if (rest.length > 0 || !NAME.test(name ?? '')) return false;
  return prefix === undefined || (prefix.length <= LONGEST_SUBDOMAIN && SUBDOMAIN.test(prefix));
}

/** What is wrong with the key of a label, or undefined. The key is not quoted. */
export function labelKeyProblem(key: string): string | undefined {
  return isQualifiedName(key) ? undefined : KEY_MEANING;
}

/** As for labels, but the domain may have capitals. */
export function annotationKeyProblem(key: string): string | undefined {
  return isQualifiedName(key.toLowerCase()) ? undefined : KEY_MEANING;
}

/** What is wrong with the value of a label, or undefined. The value is not quoted. */
export function labelValueProblem(value: string): string | undefined {
  return value === '' || NAME.test(value) ? undefined : VALUE_MEANING;
}

/** Annotations that begin so are Keyturn's own: by them it tells what an object was made from. */
export const OWN_ANNOTATIONS = 'keyturn.dev/';

/** Of a key that a template gives. */
export function metadataKeyProblem(part: 'labels' | 'annotations', key: string): string | undefined {
  if (part === 'labels') return labelKeyProblem(key);
  if (key.startsWith(OWN_ANNOTATIONS)) return `annotations that begin with ${OWN_ANNOTATIONS} are Keyturn's own`;
  return annotationKeyProblem(key);
}
