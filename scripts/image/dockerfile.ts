/**
 * What the last stage of a Dockerfile adds to its base image. Only the instructions and forms that ours has are known;
 * another one is an error, so that nothing is left out unnoticed.
 */

export interface ImageStage {
  readonly base: string;
  /** In order; a target that ends in `/` is a directory. */
  readonly copies: readonly StageCopy[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

export interface StageCopy {
  /** Name of the stage that the sources are in. */
  readonly from: string;
  readonly sources: readonly string[];
  readonly target: string;
}

/** @throws Error that quotes the line which is not understood */
export function lastStage(dockerfile: string): ImageStage {
  const lines = instructionsOf(dockerfile);
  const first = lines.findLastIndex((line) => /^FROM /.test(line));
  const base = baseOf(lines[first] ?? '', argumentDefaults(dockerfile));
  if (base === undefined) throw new Error(`not understood: ${lines[first] ?? 'a Dockerfile without FROM'}`);
  return lines.slice(first + 1).reduce(readInstruction, {
    base,
    copies: [],
    env: {},
    user: '',
    entrypoint: [],
    command: [],
  });
}

/** Defaults of the arguments that the builder may be told: `ARG X=...`. */
export function argumentDefaults(dockerfile: string): Readonly<Record<string, string>> {
  const matches = instructionsOf(dockerfile).map((line) => /^ARG (\w+)=([^"'\s]+)$/.exec(line));
  return Object.fromEntries(matches.flatMap((match) => (match === null ? [] : [[match[1], match[2]]])));
}

/** `FROM $X` is the default of the argument. */
function baseOf(from: string, defaults: Readonly<Record<string, string>>): string | undefined {
  const argument = /^FROM \$(\w+)$/.exec(from)?.[1];
  return argument === undefined ? /^FROM ([^\s$]+)$/.exec(from)?.[1] : defaults[argument];
}

/** Without comments; continued lines are one. */
function instructionsOf(dockerfile: string): readonly string[] {
  const lines = dockerfile.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
  return lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
}

function readInstruction(stage: ImageStage, line: string): ImageStage {
  const [, instruction = '', rest = ''] = /^([A-Z]+)\s+(.*?)\s*$/.exec(line) ?? [];
  switch (instruction) {
    case 'COPY':
      return { ...stage, copies: [...stage.copies, copyOf(rest, line)] };
    case 'ENV':
      return { ...stage, env: { ...stage.env, ...variablesOf(rest, line) } };
    case 'USER':
      return { ...stage, user: rest };
    case 'ENTRYPOINT':
      return { ...stage, entrypoint: listOf(rest, line) };
    case 'CMD':
      return { ...stage, command: listOf(rest, line) };
    default:
      throw new Error(`not understood: ${line}`);
  }
}

function copyOf(text: string, line: string): StageCopy {
  const [option = '', ...paths] = text.split(/\s+/);
  const from = /^--from=(\S+)$/.exec(option)?.[1];
  const target = paths.pop();
  const isPlain = !text.includes('[') && paths.every((path) => /^\/[\w./-]+$/.test(path));
  if (from === undefined || target === undefined || paths.length === 0 || !isPlain) {
    throw new Error(`not understood: ${line}`);
  }
  return { from, sources: paths, target };
}

function variablesOf(text: string, line: string): Readonly<Record<string, string>> {
  const pairs = text.split(/\s+/).map((pair) => /^(\w+)=([^"'\s]+)$/.exec(pair));
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = pair ?? [];
      if (name === undefined || value === undefined) throw new Error(`not understood: ${line}`);
      return [name, value] as const;
    }),
  );
}

/** Only the exec form: there is no shell. */
function listOf(text: string, line: string): readonly string[] {
  const list: unknown = text.startsWith('[') ? JSON.parse(text) : undefined;
  if (!Array.isArray(list)) throw new Error(`not understood: ${line}`);
  return list.map(String);
}
