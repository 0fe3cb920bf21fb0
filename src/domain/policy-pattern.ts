/** Patterns of IAM: `*` is any text, `?` one character. Pure. */

/** Whether one token of a pattern stands for whatever a token of a narrower pattern stands for. */
function includes(wide: string | undefined, narrow: string | undefined): boolean {
  return narrow !== undefined && narrow !== '*' && (wide === '?' || wide === narrow);
}

/**
 * True when everything that `narrow` matches is matched by `wide`. Where both have wildcards in a row it may be false
 * although it is so (`*?` and `?*`), never the other way round.
 */
export function covers(wide: string, narrow: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let from = 0; from < narrow.length; ) {
    if (wide[at] === '*') {
      star = at;
      resume = from;
      at += 1;
    } else if (includes(wide[at], narrow[from])) {
      at += 1;
      from += 1;
    } else if (star !== -1) {
      // The last star takes one more character.
      at = star + 1;
      resume += 1;
      from = resume;
    } else return false;
  }
  while (wide[at] === '*') at += 1;
  return at === wide.length;
}

/** True when it is not certain that no text is matched by both. */
export function mayOverlap(one: string, other: string): boolean {
  return covers(one, other) || covers(other, one);
}

export function hasWildcard(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

/** The pattern that matches this text and nothing else (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html). */
export function literal(text: string): string {
  return text.replace(/[*?$]/g, (char) => `\${${char}}`);
}

/** The patterns that others of them do not cover, sorted, each once. */
export function widest(patterns: Iterable<string>): readonly string[] {
  const distinct = [...new Set(patterns)].sort();
  const wild = distinct.filter((pattern) => pattern.endsWith('*'));
  return distinct.filter((pattern) => !wild.some((other) => other !== pattern && covers(other, pattern)));
}

/** What an expression says of the beginning of all that it matches. */
export interface Beginning {
  readonly text: string;
  /** True when there is nothing but that text. */
  readonly isWhole: boolean;
}

const NOTHING: Beginning = { text: '', isWhole: false };
/** Literal characters of names of secrets, as RE2 has them with and without a backslash. */
const LITERAL = /^(?:[A-Za-z0-9/_=@!-]|\\[./_+=@!-])/;

/** The text with which everything begins that an RE2 expression matches; nothing where that cannot be seen. */
export function beginningOf(regexp: string): Beginning {
  if (!regexp.startsWith('^') || regexp.includes('|')) return NOTHING;
  let text = '';
  let rest = regexp.slice(1);
  for (let found = LITERAL.exec(rest)?.[0]; found !== undefined; found = LITERAL.exec(rest)?.[0]) {
    const after = rest.slice(found.length);
    // The character may be missing, or come again.
    if (/^[*?+{]/.test(after)) return { text, isWhole: false };
    text += found.replace('\\', '');
    rest = after;
  }
  return { text, isWhole: rest === '$' };
}
