/** Patterns that a text has to match in whole: `*` stands for any characters, none included, `?` for one. Pure. */

/** In time of the product of both lengths at worst: it goes back to the last `*` only. */
export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let retry = 0;
  while (at < text.length) {
    const wanted = pattern[next];
    if (wanted === '*') {
      star = next;
      retry = at;
      next += 1;
    } else if (wanted === '?' || wanted === text[at]) {
      at += 1;
      next += 1;
    } else if (star !== -1) {
      retry += 1;
      at = retry;
      next = star + 1;
    } else return false;
  }
  while (pattern[next] === '*') next += 1;
  return next === pattern.length;
}

export function matchesOne(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => globMatches(pattern, text));
}
