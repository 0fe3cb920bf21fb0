/** Constraints on versions, as Masterminds/semver 3.4 reads them: `>=1.2, <2 || ~3.1`, ranges, wildcards, prereleases. */

import { type Execution, TemplateFault } from '../value.ts';
import { comparePrereleases, compareVersions, parseVersion, type Version } from './semver-version.ts';

interface Constraint {
  readonly operator: string;
  readonly version: Version;
  /** The minor number, and with it the patch, was left out or is a wildcard. */
  readonly isMinorOpen: boolean;
  /** Only the patch number was. */
  readonly isPatchOpen: boolean;
  /** Any number was. */
  readonly isRange: boolean;
}

/** Any of the groups must hold, and in it all constraints. */
export type Constraints = readonly (readonly Constraint[])[];

/** What is longer is no constraint; the patterns below may look at a character once for each before it. */
const MAX_LENGTH = 5000;

const SPACE = '[\\t\\n\\f\\r ]';
const OPERATOR = '!=|>=|=>|<=|=<|~>|=|>|<|~|\\^|';
const NUMBER = '[0-9|xX*]+';
const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const VERSION = `v?${NUMBER}(?:\\.${NUMBER})?(?:\\.${NUMBER})?(?:-${IDENTIFIERS})?(?:\\+${IDENTIFIERS})?`;
const HYPHEN_RANGE = new RegExp(`${SPACE}*(${VERSION})${SPACE}+-${SPACE}+(${VERSION})${SPACE}*`, 'g');
const NEXT = new RegExp(`(${OPERATOR})${SPACE}*(${VERSION})`, 'y');
const SEPARATOR = new RegExp(`${SPACE}*(?:,${SPACE}*)?`, 'y');
const NUMBERS = new RegExp(`^v?(${NUMBER})(?:\\.(${NUMBER}))?(?:\\.(${NUMBER}))?(-${IDENTIFIERS})?`);

function isWildcard(number: string | undefined): boolean {
  return number === undefined || number === 'x' || number === 'X' || number === '*';
}

function improper(): TemplateFault {
  return new TemplateFault('improper constraint');
}

/** @throws TemplateFault for numbers that are none, such as `1x` */
function versionOf(text: string): Version {
  try {
    return parseVersion(text);
  } catch {
    throw new TemplateFault('constraint parser error');
  }
}

function toConstraint(operator: string, text: string): Constraint {
  const [, major = '', minor, patch, prerelease = ''] = NUMBERS.exec(text) ?? [];
  const open = { operator, isMinorOpen: false, isPatchOpen: false, isRange: true };
  if (isWildcard(major)) return { ...open, version: versionOf(`0.0.0${prerelease}`) };
  if (isWildcard(minor)) return { ...open, isMinorOpen: true, version: versionOf(`${major}.0.0${prerelease}`) };
  if (isWildcard(patch)) return { ...open, isPatchOpen: true, version: versionOf(`${major}.${minor}.0${prerelease}`) };
  return { ...open, isRange: false, version: versionOf(text) };
}

function readAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Constraints with spaces or a comma between them. */
function parseGroup(text: string): Constraint[] {
  const constraints: Constraint[] = [];
  let at = text.search(new RegExp(`(?!${SPACE})`));
  while (at < text.length) {
    const next = readAt(NEXT, text, at);
    if (next === null) throw improper();
    constraints.push(toConstraint(next[1] ?? '', next[2] ?? ''));
    at += next[0].length;
    const separator = readAt(SEPARATOR, text, at)?.[0] ?? '';
    at += separator.length;
    const isDangling = at === text.length && separator.includes(',');
    if (isDangling || (at < text.length && separator === '')) throw improper();
  }
  if (constraints.length === 0) throw improper();
  return constraints;
}

/** @throws TemplateFault */
export function parseConstraints(text: string, execution: Execution): Constraints {
  if (text.length > MAX_LENGTH) throw improper();
  execution.spend(text.length);
  return text.replace(HYPHEN_RANGE, '>= $1, <= $2 ').split('||').map(parseGroup);
}

function isEqual(version: Version, { isRange, isMinorOpen, isPatchOpen, version: bound }: Constraint): boolean {
  if (!isRange) return compareVersions(version, bound) === 0;
  if (version.major !== bound.major) return false;
  if (isMinorOpen) return true;
  if (version.minor !== bound.minor) return false;
  if (!isPatchOpen) return compareVersions(version, bound) === 0;
  const havePrerelease = version.prerelease !== '' || bound.prerelease !== '';
  return !havePrerelease || comparePrereleases(version.prerelease, bound.prerelease) === 0;
}

/** `>1` begins at 2.0.0, `>1.2` at 1.3.0. */
function isGreater(version: Version, { isRange, isMinorOpen, isPatchOpen, version: bound }: Constraint): boolean {
  if (!isRange) return compareVersions(version, bound) > 0;
  if (version.major !== bound.major) return version.major > bound.major;
  if (isMinorOpen) return false;
  return isPatchOpen ? version.minor > bound.minor : compareVersions(version, bound) > 0;
}

/** `<=1` ends with the last 1.x. */
function isAtMost(version: Version, { isRange, isMinorOpen, version: bound }: Constraint): boolean {
  if (!isRange) return compareVersions(version, bound) <= 0;
  if (version.major !== bound.major) return version.major < bound.major;
  return isMinorOpen || version.minor <= bound.minor;
}

/** From the bound on, within its minor version; within its major one where the minor is left open. */
function isAbout(version: Version, { isMinorOpen, isPatchOpen, version: bound }: Constraint): boolean {
  if (compareVersions(version, bound) < 0) return false;
  const isZero = bound.major === 0n && bound.minor === 0n && bound.patch === 0n;
  if (isZero && !isMinorOpen && !isPatchOpen) return true;
  return version.major === bound.major && (isMinorOpen || version.minor === bound.minor);
}

/** From the bound on, while the first number that is not zero stays. */
function isCompatible(version: Version, { isMinorOpen, isPatchOpen, version: bound }: Constraint): boolean {
  if (compareVersions(version, bound) < 0 || version.major !== bound.major) return false;
  if (bound.major > 0n || isMinorOpen) return true;
  if (version.minor !== bound.minor) return false;
  return bound.minor > 0n || isPatchOpen || version.patch === bound.patch;
}

const CHECKS: ReadonlyMap<string, (version: Version, constraint: Constraint) => boolean> = new Map([
  ['', (version, constraint) => (constraint.isRange ? isAbout : isEqual)(version, constraint)],
  ['!=', (version, constraint) => !isEqual(version, constraint)],
  ['>', isGreater],
  ['>=', (version, { version: bound }) => compareVersions(version, bound) >= 0],
  ['<', (version, { version: bound }) => compareVersions(version, bound) < 0],
  ['<=', isAtMost],
  ['~', isAbout],
  ['^', isCompatible],
]);

const SAME_AS: ReadonlyMap<string, string> = new Map([
  ['=', ''],
  ['=>', '>='],
  ['=<', '<='],
  ['~>', '~'],
]);

function holds(version: Version, constraint: Constraint): boolean {
  const check = CHECKS.get(SAME_AS.get(constraint.operator) ?? constraint.operator);
  return check?.(version, constraint) ?? false;
}

/** A prerelease fits only into a group that asks for one somewhere. */
function groupHolds(version: Version, group: readonly Constraint[]): boolean {
  const allowsPrerelease = group.some((constraint) => constraint.version.prerelease !== '');
  if (version.prerelease !== '' && !allowsPrerelease) return false;
  return group.every((constraint) => holds(version, constraint));
}

export function checkConstraint(constraints: Constraints, version: Version): boolean {
  return constraints.some((group) => groupHolds(version, group));
}
