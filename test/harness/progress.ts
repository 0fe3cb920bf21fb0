/** How the harness tells a person what it is doing: one short line at a time, without a newline. */

export type Progress = (text: string) => void;

/** Says `describe(seconds)` every few seconds until the returned function is called. */
export function everyFewSeconds(progress: Progress, describe: (elapsedSeconds: number) => string): () => void {
  const startedAtMs = performance.now();
  const timer = setInterval(() => progress(describe(Math.round((performance.now() - startedAtMs) / 1000))), 5_000);
  timer.unref();
  return () => clearInterval(timer);
}
