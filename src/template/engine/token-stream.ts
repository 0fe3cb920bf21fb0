/** Tokens with a look-ahead of three, as the grammar needs to tell `$x foo` from `$x := foo`. */

import type { Lexer } from './lexer.ts';
import type { Token } from './token.ts';

export interface TokenStream {
  next(): Token;
  peek(): Token;
  nextNonSpace(): Token;
  peekNonSpace(): Token;
  /** Puts the last token back. */
  backup(): void;
  /** Puts back tokens that were read before the one that is only peeked at; the last given comes first again. */
  putBack(...tokens: readonly Token[]): void;
  /** The line of the token that was lexed last, which is the line that errors name. */
  line(): number;
}

export function createTokenStream(lexer: Lexer): TokenStream {
  /** The newest at index 0. */
  const tokens: Token[] = [{ type: 'eof', pos: 0, text: '', line: 0 }];
  let held = 0;

  function tokenAt(index: number): Token {
    const token = tokens[index];
    if (token === undefined) throw new RangeError(`no token was held at ${index}`);
    return token;
  }

  function next(): Token {
    if (held > 0) held--;
    else tokens[0] = lexer.next();
    return tokenAt(held);
  }

  function peek(): Token {
    if (held > 0) return tokenAt(held - 1);
    held = 1;
    tokens[0] = lexer.next();
    return tokenAt(0);
  }

  function nextNonSpace(): Token {
    for (;;) {
      const token = next();
      if (token.type !== 'space') return token;
    }
  }

  return {
    next,
    peek,
    nextNonSpace,
    peekNonSpace() {
      const token = nextNonSpace();
      held++;
      return token;
    },
    backup() {
      held++;
    },
    putBack(...back) {
      for (const [at, token] of back.entries()) tokens[at + 1] = token;
      held = back.length + 1;
    },
    line: () => tokenAt(0).line,
  };
}
