/** How the values of settings are read: each says what it expected where it cannot. */

import { parseDurationMs } from './domain/duration.ts';
import type { ControllerIdentity } from './domain/store-credentials.ts';
import type { AuditDestination } from './ports/audit.ts';
import { LOG_LEVELS, type LogLevel } from './ports/log.ts';

/** What the user wrote cannot be used; the message says what can. */
export class UsageError extends Error {}

function expected(what: string, got: string): UsageError {
  return new UsageError(`expected ${what}, got "${got}"`);
}

export function wholeNumberTo(most: number, least = 1): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() !== '' && Number.isInteger(number) && number >= least && number <= most) return number;
    throw expected(`a whole number from ${least} to ${most}`, text);
  };
}

export function readDuration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined || ms < 0) throw expected('a duration such as 1h or 90s', text);
  return ms;
}

export function readAddress(text: string): string {
  const port = /^(?:[^\s:]*|\[[0-9a-fA-F:]+\]):(\d{1,5})$/.exec(text)?.[1];
  if (port === undefined || Number(port) > 65_535) throw expected('host:port or :port', text);
  return text;
}

/** Nothing means all namespaces; anything else that names none must not. */
export function readNamespaces(text: string): readonly string[] {
  const names = text === '' ? [] : text.split(',');
  const isName = (name: string) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
  if (!names.every(isName)) throw expected('namespace names joined by commas', text);
  return names;
}

/** The names of the Leases of shards are longer than this one by up to 12 characters. */
export function readLeaseName(text: string): string | undefined {
  if (text === '') return undefined;
  if (text.length <= 240 && /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(text)) return text;
  throw expected('a name for the Lease: lower-case letters, digits, - and ., 240 characters at most', text);
}

export function readSwitch(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw expected('true or false', text);
}

/** White space around it would be taken for a part of it, and nobody would see it. */
export function readDelimiter(text: string): string {
  if (text !== '' && text.trim() === text) return text;
  throw expected('a delimiter such as [[, without white space around it', text);
}

export function readControllerIdentity(text: string): ControllerIdentity {
  if (text === 'none' || text === 'cluster' || text === 'all') return text;
  throw expected('none, cluster or all', text);
}

export function readLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) throw expected(`one of ${LOG_LEVELS.join(', ')}`, text);
  return level;
}

/** Whoever misspells `off` or `stdout` should not find a file of that name: a file is named by a path. */
export function readAuditLog(text: string): AuditDestination | undefined {
  if (text === 'off') return undefined;
  if (text === 'stdout') return { kind: 'stdout' };
  if (text.includes('/')) return { kind: 'file', path: text };
  throw expected('off, stdout, or a path with a / in it', text);
}
