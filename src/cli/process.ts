/** What a command line needs of its process. */
export interface Process {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  print(text: string): void;
  complain(text: string): void;
  /** A file of UTF-8, or standard input for `-`. @throws Error of Node, with its code */
  readText(path: string): Promise<string>;
  /** Aborted at the first SIGTERM or SIGINT. */
  readonly stop: AbortSignal;
}
