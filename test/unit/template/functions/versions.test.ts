/** Semantic versions. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

test.each([
  [
    'semver has parts and methods',
    '{{ $v := semver "v1.2.3-beta.1+b5" }}{{ $v.Major }} {{ $v.Minor }} {{ $v.Patch }} {{ $v.Prerelease }} {{ $v.Metadata }} {{ $v.Original }} {{ $v }}',
    '1 2 3 beta.1 b5 v1.2.3-beta.1+b5 1.2.3-beta.1+b5',
  ],
  [
    'semver compares',
    '{{ (semver "1.2.3").Compare (semver "1.10.0") }} {{ (semver "1.0.0").Equal (semver "1.0.0+x") }} {{ (semver "1.0.0-2").LessThan (semver "1.0.0-10") }}',
    '-1 true true',
  ],
  [
    'semverCompare with operators',
    '{{ semverCompare "^1.2.0" "1.9.3" }} {{ semverCompare "~1.2" "1.3.0" }} {{ semverCompare ">=1.2, <2 || >=3" "3.1.0" }} {{ semverCompare "1.2 - 1.4" "1.4.0" }} {{ semverCompare "1.x" "1.5.0" }}',
    'true false true true true',
  ],
  [
    'semverCompare of prereleases',
    '{{ semverCompare ">=1.0.0" "1.1.0-a" }} {{ semverCompare ">=1.0.0-0" "1.1.0-a" }} {{ semverCompare "!=1.0.0" "1.1.0-a" }}',
    'false true false',
  ],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});

test.each([
  [
    'semver makes other versions',
    '{{ $v := semver "v1.2.3-a" }}{{ $v.IncPatch }} {{ $v.IncMinor.Original }} {{ $v.IncMajor }} {{ $v.SetPrerelease "rc.1" }}',
    'template: k:1:52: executing "k" at <$v.IncMinor.Original>: can\'t evaluate field Original in type semver.Version',
  ],
  ['semver fails for what is none', '{{ semver "1.2.3.4" }}', 'invalid semantic version'],
  ['semverCompare fails for what is no constraint', '{{ semverCompare "nope" "1.0.0" }}', 'improper constraint'],
])('%s', (_, template, message) => {
  expect(failure(template)).toBe(message);
});
