/**
 * Where values begin and end in a JSON text, as gjson sees it: it looks for brackets, quotes and commas, and takes no
 * offence at a text that is not quite JSON. A secret that upstream reads that way has to be read here.
 */

const BACKSLASH = 0x5c;
const QUOTE = 0x22;

const NOTHING = 0;
const STRING = 1;
const OPENING = 2;
const NUMBER = 3;
const WORD = 4;
/** Either: `null`, or else a number such as `nan`. */
const WORD_OR_NUMBER = 5;

/** By the character's code, what a value that begins with it is. */
const BEGINS = new Uint8Array(256);
for (const [kind, characters] of [
  [STRING, '"'],
  [OPENING, '{['],
  [NUMBER, '+-0123456789iIN'],
  [WORD, 'tf'],
  [WORD_OR_NUMBER, 'n'],
] as const) {
  for (const character of characters) BEGINS[character.charCodeAt(0)] = kind;
}

function beginning(json: string, at: number): number {
  const kind = BEGINS[json.charCodeAt(at)] ?? NOTHING;
  if (kind !== WORD_OR_NUMBER) return kind;
  return at + 1 < json.length && json[at + 1] !== 'u' ? NUMBER : WORD;
}

/** Where the next value begins: whatever begins none is passed over. The text's length when there is none. */
export function valueStart(json: string, from: number): number {
  let at = from;
  while (at < json.length && BEGINS[json.charCodeAt(at)] === NOTHING) at += 1;
  return at;
}

/** As {@link valueStart}, but for the bracket that ends an array, which counts too. */
export function elementStart(json: string, from: number): number {
  let at = from;
  while (at < json.length && BEGINS[json.charCodeAt(at)] === NOTHING && json[at] !== ']') at += 1;
  return at;
}

export function isNumberAt(json: string, at: number): boolean {
  return beginning(json, at) === NUMBER;
}

function isEscaped(text: string, from: number, at: number): boolean {
  let first = at;
  while (first > from && text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}

/** @param from behind the opening quote @returns behind the closing one, -1 when there is none */
export function stringEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 1)) {
    if (!isEscaped(text, from, at)) return at + 1;
  }
  return -1;
}

/** By the character's code: 1 opens, -1 closes. */
const BRACKETS = new Int8Array(256);
for (const character of '{[(') BRACKETS[character.charCodeAt(0)] = 1;
for (const character of '}])') BRACKETS[character.charCodeAt(0)] = -1;

/**
 * Behind the bracket that closes the one at `from`; any bracket closes any. What stands at `from` is taken for one unseen.
 * The text's end when nothing closes it, and one more when that is in a string: an array around it does not end there.
 */
export function nestedEnd(text: string, from: number): number {
  let depth = 1;
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at + 1);
      if (end === -1) return text.length + 1;
      at = end - 1;
    } else {
      depth += BRACKETS[code] ?? 0;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/** Behind the string or the nested value that begins at `from`. */
export function quotedOrNestedEnd(text: string, from: number): number {
  if (text[from] !== '"') return nestedEnd(text, from);
  const end = stringEnd(text, from + 1);
  return end === -1 ? text.length : end;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: for gjson all of them are white space
const NUMBER_END = /[\x00-\x20,\]}]/g;
const WORD_END = /[^a-z]/g;

function endAt(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}

/** @param start as {@link valueStart} found it @returns -1 for a string that does not end */
export function valueEnd(json: string, start: number): number {
  switch (beginning(json, start)) {
    case STRING:
      return stringEnd(json, start + 1);
    case OPENING:
      return nestedEnd(json, start);
    case NUMBER:
      return endAt(NUMBER_END, json, start + 1);
    default:
      return endAt(WORD_END, json, start + 1);
  }
}
