/** Tells a person how far a long phase has come. */

const TERMINAL_MS = 500;
/** Where each text is a line of its own. */
const LOG_MS = 15_000;

/** Says `describe()` again and again until the returned function is called. */
export function ticking(progress: (text: string) => void, describe: () => string): () => void {
  const timer = setInterval(() => progress(describe()), process.stdout.isTTY ? TERMINAL_MS : LOG_MS);
  return () => clearInterval(timer);
}
