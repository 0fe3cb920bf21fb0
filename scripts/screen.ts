/** What the demo prints: steps with the time they took, and what kubectl says. */

import { performance } from 'node:perf_hooks';
import type { Writable } from 'node:stream';

export interface Screen {
  /** Shows `what` as under way, runs `work`, and leaves a line with the time it took. */
  step<T>(what: string, work: (progress: (text: string) => void) => Promise<T>): Promise<T>;
  line(text?: string): void;
}

const REDRAW_MS = 200;

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** On a terminal the line under way is redrawn in place; elsewhere each text is a line of its own. */
export function createScreen(output: Writable & { readonly isTTY?: boolean; readonly columns?: number }): Screen {
  const isTerminal = output.isTTY === true;

  function redraw(text: string): void {
    if (isTerminal) output.write(`\r\u001b[2K${text.slice(0, (output.columns ?? 100) - 1)}`);
  }

  return {
    line: (text = '') => void output.write(`${text}\n`),
    async step(what, work) {
      const startedAtMs = performance.now();
      let detail = '';
      const show = () => redraw(`  ... ${what} (${seconds(startedAtMs)}) ${detail}`);
      const timer = setInterval(show, REDRAW_MS);
      show();
      try {
        const result = await work((text) => {
          if (!isTerminal && text !== detail) output.write(`      ${text}\n`);
          detail = text;
        });
        redraw('');
        output.write(`  ok  ${what} (${seconds(startedAtMs)})\n`);
        return result;
      } catch (error) {
        redraw('');
        output.write(`  no  ${what} (${seconds(startedAtMs)})\n`);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
  };
}
