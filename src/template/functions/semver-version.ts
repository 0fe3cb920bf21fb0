/** Semantic versions, read leniently: `1.2` is 1.2.0, a `v` may stand in front. */

import { TemplateFault } from '../value.ts';

export interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Without the hyphen. */
  readonly prerelease: string;
  /** Without the plus. */
  readonly metadata: string;
  /** As it was read. */
  readonly original: string;
}

const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const VERSION = new RegExp(
  `^v?([0-9]+)(?:\\.([0-9]+))?(?:\\.([0-9]+))?(?:-(${IDENTIFIERS}))?(?:\\+(${IDENTIFIERS}))?$`,
);
const ONLY_IDENTIFIERS = new RegExp(`^${IDENTIFIERS}$`);
const MAX_UINT64 = 2n ** 64n - 1n;
/** Longer numbers are out of range, and are not even read. */
const MAX_NUMBER_LENGTH = 1000;

/** @param isPrerelease whether numbers may not start with zero */
export function isIdentifiers(text: string, isPrerelease: boolean): boolean {
  if (!ONLY_IDENTIFIERS.test(text)) return false;
  return !isPrerelease || !text.split('.').some((part) => /^0[0-9]+$/.test(part));
}

function segment(digits: string | undefined): bigint {
  const text = digits ?? '0';
  const value = text.length > MAX_NUMBER_LENGTH ? MAX_UINT64 + 1n : BigInt(text);
  if (value > MAX_UINT64) throw new TemplateFault('error parsing version segment: value out of range');
  return value;
}

/** @throws TemplateFault */
export function parseVersion(text: string): Version {
  const match = VERSION.exec(text);
  if (match === null) throw new TemplateFault('invalid semantic version');
  const [, major, minor, patch, prerelease = '', metadata = ''] = match;
  const version = { major: segment(major), minor: segment(minor), patch: segment(patch) };
  if (prerelease !== '' && !isIdentifiers(prerelease, true)) {
    throw new TemplateFault('version segment starts with 0');
  }
  return { ...version, prerelease, metadata, original: text };
}

export function versionText({ major, minor, patch, prerelease, metadata }: Version): string {
  return `${major}.${minor}.${patch}${prerelease === '' ? '' : `-${prerelease}`}${metadata === '' ? '' : `+${metadata}`}`;
}

function order<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

function asNumber(part: string): bigint | undefined {
  if (!/^[0-9]+$/.test(part) || part.length > MAX_NUMBER_LENGTH) return undefined;
  const value = BigInt(part);
  return value <= MAX_UINT64 ? value : undefined;
}

/** Numbers come before words; a missing part before any. */
function comparePart(a: string, b: string): number {
  if (a === '' || b === '') return order(a, b);
  const x = asNumber(a);
  const y = asNumber(b);
  if (x !== undefined && y !== undefined) return order(x, y);
  if (x === undefined && y === undefined) return order(a, b);
  return x === undefined ? 1 : -1;
}

export function comparePrereleases(a: string, b: string): number {
  const as = a.split('.');
  const bs = b.split('.');
  for (let i = 0; i < Math.max(as.length, bs.length); i++) {
    const difference = comparePart(as[i] ?? '', bs[i] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Build metadata do not count; a prerelease comes before its release. */
export function compareVersions(a: Version, b: Version): number {
  const numbers = order(a.major, b.major) || order(a.minor, b.minor) || order(a.patch, b.patch);
  if (numbers !== 0) return numbers;
  if (a.prerelease === '' || b.prerelease === '') {
    return Number(a.prerelease === '') - Number(b.prerelease === '');
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}
