/** PEM blocks, found and written as Go's `encoding/pem` does. */

import { type GoString, TemplateFault } from '../value.ts';
import { decodeBase64 } from './base64.ts';

export interface PemBlock {
  /** What stands after BEGIN. */
  readonly type: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

const BEGIN = '-----BEGIN ';
const END = '\n-----END ';
const DASHES = '-----';

/** The next block and what stands after it; undefined when there is none, however broken what stands there. */
function nextPem(text: GoString): { block: PemBlock; rest: GoString } | undefined {
  for (let from = 0; ; ) {
    const end = text.indexOf(END, from);
    if (end === -1) return undefined;
    // The last BEGIN before the END: one without an END of its own is passed over.
    const begin = text.slice(from, end).lastIndexOf(BEGIN) + from;
    const found = begin < from ? undefined : blockBetween(text, begin, end, from);
    if (found !== undefined) return found;
    from = end + END.length;
  }
}

/** @throws TemplateFault when there is no block; `what` names the input, such as `the certificate` */
export function firstPem(text: GoString, what: string): { block: PemBlock; rest: GoString } {
  const found = nextPem(text);
  if (found === undefined) throw new TemplateFault(`${what} is not PEM: no block was found`);
  return found;
}

/** All blocks up to the first place where none can be found. */
export function allPem(text: GoString): { blocks: PemBlock[]; rest: GoString } {
  const blocks: PemBlock[] = [];
  let rest = text;
  for (let found = nextPem(rest); found !== undefined; found = nextPem(rest)) {
    blocks.push(found.block);
    rest = found.rest;
  }
  return { blocks, rest };
}

export function encodePem(type: string, bytes: Uint8Array, headers: ReadonlyMap<string, string> = new Map()): GoString {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const lines = body.match(/.{1,64}/g) ?? [];
  const text = [`${BEGIN}${type}${DASHES}`, ...headerLines(headers), ...lines, `-----END ${type}${DASHES}`, ''];
  return text.join('\n') as GoString;
}

export function encodeCertificates(certificates: readonly Uint8Array[]): GoString {
  return certificates.map((certificate) => encodePem('CERTIFICATE', certificate)).join('') as GoString;
}

/** From the first BEGIN on: notes that stand before it on the same line do not hide the block. */
export function fromFirstBegin(text: GoString): GoString {
  const at = text.indexOf('-----BEGIN');
  return at === -1 ? text : (text.slice(at) as GoString);
}

function blockBetween(
  text: GoString,
  begin: number,
  end: number,
  from: number,
): { block: PemBlock; rest: GoString } | undefined {
  if (begin > from && text[begin - 1] !== '\n') return undefined;
  const typeLine = lineAt(text, begin + BEGIN.length);
  if (!typeLine.line.endsWith(DASHES)) return undefined;
  const type = typeLine.line.slice(0, -DASHES.length);
  const head = headersAt(text, typeLine.next, end);
  if (head === undefined) return undefined;
  const closing = `${type}${DASHES}`;
  const afterEnd = end + END.length;
  if (!text.startsWith(closing, afterEnd)) return undefined;
  const tail = lineAt(text, afterEnd + closing.length);
  if (tail.line !== '') return undefined;
  const bytes = decodeBase64(text.slice(head.next, Math.max(head.next, end)).replaceAll(/[ \t]/g, ''));
  if (bytes === undefined) return undefined;
  return { block: { type, headers: head.headers, bytes }, rest: text.slice(tail.next) as GoString };
}

/** Undefined when they do not end before the END line. */
function headersAt(text: string, at: number, end: number): { headers: Map<string, string>; next: number } | undefined {
  const headers = new Map<string, string>();
  for (let next = at; headers.size === 0 || next <= end; ) {
    const { line, next: after } = lineAt(text, next);
    const colon = line.indexOf(':');
    if (colon === -1) return { headers, next };
    headers.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    next = after;
  }
  return undefined;
}

/** A line without the white space at its end, and where the next one starts. */
function lineAt(text: string, at: number): { line: string; next: number } {
  const newline = text.indexOf('\n', at);
  const end = newline === -1 ? text.length : newline;
  let last = newline > at && text[newline - 1] === '\r' ? newline - 1 : end;
  while (last > at && (text[last - 1] === ' ' || text[last - 1] === '\t')) last -= 1;
  return { line: text.slice(at, last), next: newline === -1 ? end : newline + 1 };
}

/** As Go orders them: Proc-Type first, the others by name. */
function headerLines(headers: ReadonlyMap<string, string>): string[] {
  if (headers.size === 0) return [];
  const rank = (name: string): string => (name === 'Proc-Type' ? '' : name);
  const sorted = [...headers].sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1));
  return [...sorted.map(([name, value]) => `${name}: ${value}`), ''];
}
