/** Names of keys in messages: cut, so that a message stays one that can be read. */

const LONGEST_KEY = 100;
const MOST_KEYS = 3;

export function quotedKey(key: string): string {
  return JSON.stringify(key.length <= LONGEST_KEY ? key : `${key.slice(0, LONGEST_KEY)}...`);
}

/** The first few of a list, and how many more there are. */
export function firstFew(texts: readonly string[], separator = ', '): string {
  const shown = texts.slice(0, MOST_KEYS).join(separator);
  return texts.length <= MOST_KEYS ? shown : `${shown}${separator}and ${texts.length - MOST_KEYS} more`;
}
