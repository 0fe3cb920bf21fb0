/** What goes wrong with a secret is told without the secret. */

import { expect, test } from 'vitest';
import { failure } from './rendering.ts';

const SECRET = 'canary-hunter2';

test.each([
  ['mustFromJson', '{{ mustFromJson .s }}'],
  ['mustToDate', '{{ mustToDate "2006" .s }}'],
  ['mustDateModify', '{{ mustDateModify .s now }}'],
  ['regexFind', '{{ regexFind (printf "%s(" .s) "a" }}'],
  ['mustRegexMatch', '{{ mustRegexMatch (printf "%s(" .s) "a" }}'],
  ['semver', '{{ semver .s }}'],
  ['semverCompare by the constraint', '{{ semverCompare .s "1.0.0" }}'],
  ['semverCompare by the version', '{{ semverCompare "1.0.0" .s }}'],
  ['urlParse', '{{ urlParse (printf "http://a:%s/" .s) }}'],
  ['urlJoin', '{{ urlJoin (dict "userinfo" (printf "%s%%" .s)) }}'],
  ['dig', '{{ dig "a" "b" "d" (dict "a" .s) }}'],
  ['append', '{{ append .s 1 }}'],
  ['substr', '{{ substr 5 3 .s }}'],
])('%s', (_, template) => {
  const message = failure(template, { data: { s: SECRET } });
  expect(message).not.toContain('hunter2');
  expect(message).not.toBe('');
});
