/** One field of a cron schedule, read as github.com/robfig/cron/v3 reads it: lists, ranges, steps, names. */

export interface CronUnit {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** In lower case; they count from `min` on. */
  readonly names?: readonly string[];
}

export interface CronField {
  readonly values: ReadonlySet<number>;
  /** It holds a `*` or `?` without a step: the day is then decided by the other of the two day fields. */
  readonly isStar: boolean;
}

/** Leaves the reader from any depth; the message is for the user. */
class Malformed extends Error {}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly isStar: boolean;
}

function number(text: string, what: string): number {
  const value = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new Malformed(`"${text}" is not a number that ${what} can have`);
  return value;
}

function numberOrName(text: string, unit: CronUnit): number {
  const named = unit.names?.indexOf(text.toLowerCase()) ?? -1;
  return named === -1 ? number(text, unit.name) : unit.min + named;
}

/** What follows a `*` and a hyphen is ignored, as there. */
function bounds(text: string, unit: CronUnit): Pick<Range, 'start' | 'end' | 'isStar'> & { readonly isOne: boolean } {
  const [low = '', high, ...more] = text.split('-');
  const isOne = high === undefined;
  if (low === '*' || low === '?') return { start: unit.min, end: unit.max, isStar: true, isOne };
  if (more.length > 0) throw new Malformed(`"${text}" has too many hyphens`);
  const start = numberOrName(low, unit);
  return { start, end: high === undefined ? start : numberOrName(high, unit), isStar: false, isOne };
}

/** `5/20` means from 5 on to the end. */
function rangeOf(text: string, unit: CronUnit): Range {
  const [span = '', stepText, ...more] = text.split('/');
  if (more.length > 0) throw new Malformed(`"${text}" has too many slashes`);
  const { start, end, isStar, isOne } = bounds(span, unit);
  if (stepText === undefined) return { start, end, step: 1, isStar };
  const step = number(stepText, 'a step');
  return { start, end: isOne ? unit.max : end, step, isStar: isStar && step <= 1 };
}

function checkRange({ start, end, step }: Range, text: string, unit: CronUnit): void {
  if (start < unit.min || end > unit.max) {
    throw new Malformed(`"${text}" goes beyond what ${unit.name} can have, which is ${unit.min} to ${unit.max}`);
  }
  if (start > end) throw new Malformed(`"${text}" ends before it begins`);
  if (step === 0) throw new Malformed(`"${text}" has a step of zero`);
}

function read(text: string, unit: CronUnit): CronField {
  const values = new Set<number>();
  let isStar = false;
  for (const part of text.split(',').filter((each) => each !== '')) {
    const range = rangeOf(part, unit);
    checkRange(range, part, unit);
    for (let value = range.start; value <= range.end; value += range.step) values.add(value);
    isStar ||= range.isStar;
  }
  return { values, isStar };
}

/** The field, or what is wrong with it. */
export function parseCronField(text: string, unit: CronUnit): CronField | string {
  try {
    return read(text, unit);
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}
