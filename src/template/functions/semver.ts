/** Functions on semantic versions, as Masterminds/semver 3.4 has them. */

import {
  type FunctionTable,
  type GoFunction,
  type GoInt,
  type GoString,
  type GoType,
  type GoValue,
  goString,
  goToText,
  int,
  TemplateFault,
} from '../value.ts';
import { define } from './declare.ts';
import type { JsonText } from './json-text.ts';
import { checkConstraint, parseConstraints } from './semver-constraint.ts';
import { compareVersions, isIdentifiers, parseVersion, type Version, versionText } from './semver-version.ts';

const POINTER = '*semver.Version';

interface GoVersion extends JsonText {
  readonly version: Version;
}

function uint64(value: bigint): GoInt {
  return { kind: 'uint64', type: 'uint64', value };
}

export function isVersion(value: GoValue): value is GoVersion {
  return value !== null && typeof value === 'object' && 'version' in value;
}

function asVersion(value: GoValue): Version {
  if (isVersion(value)) return value.version;
  throw new TemplateFault(`wrong type for value; expected ${POINTER}`);
}

function constant(result: GoType, value: GoValue): GoFunction {
  return define([], result, () => value);
}

function comparison(version: Version, holds: (order: number) => boolean): GoFunction {
  return {
    params: [POINTER],
    result: 'bool',
    call: ([other]) => holds(compareVersions(version, asVersion(other ?? null))),
  };
}

function increment(version: Version, next: Pick<Version, 'major' | 'minor' | 'patch'>): GoFunction {
  return define([], 'semver.Version', () =>
    toObject(renewed(version, { ...next, prerelease: '', metadata: '' }), 'struct'),
  );
}

/** A version that was made from another keeps the `v` in front. */
function renewed(version: Version, changes: Partial<Version>): Version {
  const next = { ...version, ...changes };
  return { ...next, original: (version.original.startsWith('v') ? 'v' : '') + versionText(next) };
}

/** @throws TemplateFault for what is not made of identifiers */
function withPart(version: Version, part: 'prerelease' | 'metadata'): GoFunction {
  return define(['string'], 'semver.Version', ([text]) => {
    const value = goToText(text);
    const isValid = value === '' || isIdentifiers(value, part === 'prerelease');
    if (!isValid) throw new TemplateFault(`invalid ${part} string`);
    return toObject(renewed(version, { [part]: value }), 'struct');
  });
}

/** Methods of the value; those that compare, and `Original`, are the pointer's only. */
function valueMethods(version: Version): [string, GoFunction][] {
  const { major, minor, patch } = version;
  const isPrerelease = version.prerelease !== '';
  return [
    ['Major', constant('uint64', uint64(major))],
    ['Minor', constant('uint64', uint64(minor))],
    ['Patch', constant('uint64', uint64(patch))],
    ['Prerelease', constant('string', goString(version.prerelease))],
    ['Metadata', constant('string', goString(version.metadata))],
    ['String', constant('string', goString(versionText(version)))],
    ['IncMajor', increment(version, { major: major + 1n, minor: 0n, patch: 0n })],
    ['IncMinor', increment(version, { major, minor: minor + 1n, patch: 0n })],
    ['IncPatch', increment(version, { major, minor, patch: isPrerelease ? patch : patch + 1n })],
    ['SetPrerelease', withPart(version, 'prerelease')],
    ['SetMetadata', withPart(version, 'metadata')],
  ];
}

function pointerMethods(version: Version): [string, GoFunction][] {
  return [
    ['Original', constant('string', goString(version.original))],
    ['LessThan', comparison(version, (order) => order < 0)],
    ['LessThanEqual', comparison(version, (order) => order <= 0)],
    ['GreaterThan', comparison(version, (order) => order > 0)],
    ['GreaterThanEqual', comparison(version, (order) => order >= 0)],
    ['Equal', comparison(version, (order) => order === 0)],
    [
      'Compare',
      { params: [POINTER], result: 'int', call: ([other]) => int(compareVersions(version, asVersion(other ?? null))) },
    ],
  ];
}

/** What Go's deep copy makes of a version: it does not see what the type keeps to itself. */
export function zeroVersion(kind: 'struct' | 'ptr'): GoVersion {
  return toObject({ major: 0n, minor: 0n, patch: 0n, prerelease: '', metadata: '', original: '' }, kind);
}

function toObject(version: Version, kind: 'struct' | 'ptr'): GoVersion {
  const text = (): GoString => goString(versionText(version));
  return {
    kind,
    type: kind === 'ptr' ? POINTER : 'semver.Version',
    fields: new Map(),
    methods: new Map([...valueMethods(version), ...(kind === 'ptr' ? pointerMethods(version) : [])]),
    text,
    jsonText: text,
    version,
  };
}

export const SEMVER: FunctionTable = new Map([
  ['semver', define(['string'], POINTER, ([text]) => toObject(parseVersion(goToText(text)), 'ptr'))],
  [
    'semverCompare',
    define(['string', 'string'], 'bool', ([constraint, text], execution) => {
      const constraints = parseConstraints(goToText(constraint), execution);
      return checkConstraint(constraints, parseVersion(goToText(text)));
    }),
  ],
]);
