/** What stands together in a path: brackets and separators count only outside of these. */

/** @param from behind the opening quote @returns behind the closing one, which may be beyond the end */
function stringEnd(path: string, from: number): number {
  let at = from;
  while (at < path.length && path[at] !== '"') at += path[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Behind the character at `at`, behind the one that it escapes, or behind the string that it begins. */
export function tokenEnd(path: string, at: number): number {
  if (path[at] === '"') return stringEnd(path, at + 1);
  return at + (path[at] === '\\' ? 2 : 1);
}
