/** Entry point: wires the command line to this process and its signals. */

import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { main } from './cli/command-line.ts';

const NEEDED_NODE = 24;
if (Number.parseInt(process.versions.node, 10) < NEEDED_NODE) {
  process.stderr.write(`keyturn: Node ${NEEDED_NODE} or newer is needed, and this is ${process.version}\n`);
  process.exit(1);
}

const stop = new AbortController();

/** The first signal asks for a clean end, the second one ends at once. */
function onSignal(signal: 'SIGTERM' | 'SIGINT'): void {
  if (stop.signal.aborted) process.exit(signal === 'SIGTERM' ? 143 : 130);
  stop.abort();
}

process.on('SIGTERM', onSignal);
process.on('SIGINT', onSignal);

const status = await main({
  args: process.argv.slice(2),
  env: process.env,
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  readText: (path) => (path === '-' ? text(process.stdin) : readFile(path, 'utf8')),
  stop: stop.signal,
});
process.exit(status);
