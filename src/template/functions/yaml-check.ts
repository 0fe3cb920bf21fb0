/** What upstream's reader of YAML refuses, and in which words. */

import { type Document, isCollection, isSeq, visit, type YAMLError } from 'yaml';
import { decodeRune, RUNE_ERROR } from '../engine/utf8.ts';
import type { GoString } from '../value.ts';
import { isAscii } from './runes.ts';
import { conversionFault } from './yaml-fault.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

function isAllowed(rune: number): boolean {
  if (rune < 0xa0) return rune === 0x85 || rune < 0x80;
  return rune !== 0xfffe && rune !== 0xffff;
}

/** @throws YamlFault */
export function checkCharacters(bytes: GoString): void {
  if (CONTROL.test(bytes)) throw conversionFault('yaml: control characters are not allowed');
  if (isAscii(bytes)) return;
  for (let at = 0; at < bytes.length; ) {
    const { rune, size } = decodeRune(bytes, at);
    if (rune === RUNE_ERROR && size === 1) throw conversionFault('yaml: invalid leading UTF-8 octet');
    if (!isAllowed(rune)) throw conversionFault('yaml: control characters are not allowed');
    at += size;
  }
}

const ESCAPE = /\\(?:[0abtnvfre "\\N_LP\n\t]|\r\n?|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})/g;

function checkEscapes(source: string): void {
  const rest = source.replaceAll(ESCAPE, (sequence) => {
    const code = /^\\[uU]/.test(sequence) ? Number.parseInt(sequence.slice(2), 16) : 0;
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
      throw conversionFault('yaml: found invalid Unicode character escape code');
    }
    return '';
  });
  const bad = /\\(.)?/s.exec(rest);
  if (bad === null) return;
  const isHex = 'xuU'.includes(bad[1] ?? '-');
  throw conversionFault(
    `yaml: ${isHex ? 'did not find expected hexdecimal number' : 'found unknown escape character'}`,
  );
}

/** A problem in upstream's words, and the line that it names: none when that is the first. */
interface Problem {
  readonly text: string;
  readonly line: number;
}

/** Lines before the offset. */
function linesBefore(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length - 1;
}

/** Problems with characters name the line itself, counted from one. */
function scanning(text: string, offset: number, problem: string): Problem {
  const lines = linesBefore(text, offset);
  return { text: problem, line: lines === 0 ? 0 : lines + 1 };
}

/** Problems with structure name the line before. */
function parsing(text: string, offset: number, problem: string): Problem {
  return { text: problem, line: linesBefore(text, offset) };
}

/** At the end of the text: its last line counts as ended. */
function unclosed(text: string, message: string): Problem {
  const isOpen = /[[{,]\s*$/.test(text);
  const expected = message.includes(']') ? "did not find expected ',' or ']'" : "did not find expected ',' or '}'";
  const lines = linesBefore(text, text.length) + (text.endsWith('\n') ? 0 : 1);
  return { text: isOpen ? 'did not find expected node content' : expected, line: lines };
}

function missing(text: string, offset: number, message: string): Problem {
  if (message.includes('Missing closing')) return scanning(text, text.length, 'found unexpected end of stream');
  return { text: "could not find expected ':'", line: linesBefore(text, offset) + 2 };
}

function nestedMapping(text: string, offset: number): Problem {
  const colon = text.slice(offset).search(/:(?:\s|$)/);
  return scanning(text, offset + Math.max(0, colon), 'mapping values are not allowed in this context');
}

/** What cannot stand here, or cannot go on the block that stands here. */
function unexpected(text: string, offset: number, message: string, contents: unknown): Problem {
  if (message.includes('block-seq-ind')) {
    return scanning(text, offset, 'block sequence entries are not allowed in this context');
  }
  const isAfterBlock = isCollection(contents) && contents.flow !== true && offset >= (contents.range?.[1] ?? 0);
  if (!isAfterBlock) return parsing(text, offset, 'did not find expected node content');
  return parsing(text, offset, isSeq(contents) ? "did not find expected '-' indicator" : 'did not find expected key');
}

function problemOf({ code, message, pos: [offset] }: YAMLError, text: string, contents: unknown): Problem {
  switch (code) {
    case 'MISSING_CHAR':
      return missing(text, offset, message);
    case 'TAB_AS_INDENT':
      return scanning(text, offset, 'found character that cannot start any token');
    case 'BAD_SCALAR_START':
      return message.includes('flow indicator')
        ? parsing(text, offset, 'did not find expected node content')
        : scanning(text, offset, 'found character that cannot start any token');
    case 'BLOCK_AS_IMPLICIT_KEY':
      return nestedMapping(text, offset);
    case 'MULTILINE_IMPLICIT_KEY':
      return parsing(text, offset, 'did not find expected key');
    case 'BAD_INDENT':
      return message.startsWith('Flow') ? unclosed(text, message) : parsing(text, offset, 'did not find expected key');
    default:
      return unexpected(text, offset, message, contents);
  }
}

function column(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

/**
 * Upstream reads only the first document, and does not see what follows it: anything after a scalar or after brackets,
 * and what stands left of a block.
 */
function endOfDocument(document: Document.Parsed, text: string): number {
  const { contents, errors } = document;
  const [start, end] = contents?.range ?? [0, text.length];
  const after = errors.find((error) => error.code === 'UNEXPECTED_TOKEN' && error.pos[0] >= end);
  if (after === undefined) return text.length;
  const isBlock = isCollection(contents) && contents.flow !== true;
  return !isBlock || column(text, after.pos[0]) < column(text, start) ? end : text.length;
}

/** Before the document, only two directives are known. */
const UNKNOWN_DIRECTIVE = /^(?:(?:[ \t]*(?:#[^\n]*)?|%(?:YAML|TAG)[ \t][^\n]*)\n)*%(?!(?:YAML|TAG)[ \t])/;

/** A document that ends before it begins. */
const EMPTY_DOCUMENT = /^(?:[ \t]*(?:#[^\n]*)?\n)*\.\.\.(?:\s|$)/;

/** What comes before the first document. @throws YamlFault */
export function checkBeginning(text: string): void {
  if (UNKNOWN_DIRECTIVE.test(text)) throw conversionFault('yaml: found unknown directive name');
  if (EMPTY_DOCUMENT.test(text)) throw conversionFault('yaml: did not find expected node content');
}

/** @throws YamlFault */
export function checkDocument(document: Document.Parsed, text: string): void {
  visit(document, {
    Scalar: (_, { type, srcToken }) => {
      const source = srcToken !== undefined && 'source' in srcToken ? srcToken.source : undefined;
      if (type === 'QUOTE_DOUBLE' && typeof source === 'string') checkEscapes(source.slice(1, -1));
    },
  });
  const end = endOfDocument(document, text);
  const error = document.errors.find(({ pos }) => pos[0] < end || end === text.length);
  if (error === undefined) return;
  const problem = problemOf(error, text, document.contents);
  throw conversionFault(`yaml: ${problem.line === 0 ? '' : `line ${problem.line}: `}${problem.text}`);
}
