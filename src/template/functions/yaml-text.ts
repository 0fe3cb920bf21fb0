/** In which styles a text can be written in YAML, as libyaml finds it. */

export interface TextAnalysis {
  readonly isMultiline: boolean;
  readonly allowsPlain: boolean;
  readonly allowsSingleQuotes: boolean;
  /** As a literal, with its lines as they are. */
  readonly allowsBlock: boolean;
}

const BREAK = /[\n\r\u0085\u2028\u2029]/;
const PRINTABLE = /^[\n -~\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/;
const FIRST_INDICATOR = /^(?:[#,[\]{}&*!|>'"%@`]|---|\.\.\.)/;
const FIRST_BEFORE_SPACE = /^[?:-](?:[ \t]|$)/;
const LATER_INDICATOR = /(?!^):(?:[ \t]|$)|[ \t\n\r\u0085\u2028\u2029]#/;

export function isBreak(char: string): boolean {
  return BREAK.test(char);
}

export function isPrintable(char: string): boolean {
  return PRINTABLE.test(char);
}

function hasIndicators(text: string): boolean {
  return FIRST_INDICATOR.test(text) || FIRST_BEFORE_SPACE.test(text) || LATER_INDICATOR.test(text);
}

export function analyzeText(text: string): TextAnalysis {
  const isMultiline = BREAK.test(text);
  const hasSpecial = Array.from(text).some((char) => !PRINTABLE.test(char));
  const hasSpaceBeforeBreak = / [\n\r\u0085\u2028\u2029]/.test(text);
  const hasSpaceAfterBreak = /[\n\r\u0085\u2028\u2029] /.test(text);
  const isPadded = /^[ \n\r\u0085\u2028\u2029]|[ \n\r\u0085\u2028\u2029]$/.test(text);
  const isAwkward = hasSpecial || hasSpaceBeforeBreak;
  return {
    isMultiline,
    allowsPlain: !isAwkward && !isMultiline && !isPadded && !hasIndicators(text),
    allowsSingleQuotes: !isAwkward && !hasSpaceAfterBreak,
    allowsBlock: text !== '' && !isAwkward && !text.endsWith(' '),
  };
}
