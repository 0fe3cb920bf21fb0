import { describe, expect, it } from 'vitest';
import { parseListPage, parseWatchLine } from '../../../src/kube/watch-event.ts';

const metadata = { namespace: 'team', name: 'db', resourceVersion: '7' };
const raw = { metadata };
const object = { key: 'team/db', resourceVersion: '7', raw };
const garbage = { kind: 'garbage' };

function line(event: unknown): Uint8Array {
  return Buffer.from(typeof event === 'string' ? event : JSON.stringify(event));
}

describe('a line of a watch', () => {
  it.each<[string, unknown, unknown]>([
    ['ADDED applies an object', { type: 'ADDED', object: raw }, { kind: 'applied', object }],
    ['MODIFIED applies an object', { type: 'MODIFIED', object: raw }, { kind: 'applied', object }],
    ['DELETED deletes it', { type: 'DELETED', object: raw }, { kind: 'deleted', object }],
    [
      'a cluster-scoped object has its name as its key',
      { type: 'ADDED', object: { metadata: { name: 'a', resourceVersion: '1' } } },
      {
        kind: 'applied',
        object: { key: 'a', resourceVersion: '1', raw: { metadata: { name: 'a', resourceVersion: '1' } } },
      },
    ],
    [
      'a bookmark moves the version',
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } },
      { kind: 'bookmark', resourceVersion: '9', initialEnd: false },
    ],
    [
      'an annotated bookmark ends the streaming list',
      {
        type: 'BOOKMARK',
        object: { metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } } },
      },
      { kind: 'bookmark', resourceVersion: '9', initialEnd: true },
    ],
    [
      'ERROR carries code and reason',
      { type: 'ERROR', object: { code: 410, reason: 'Expired' } },
      { kind: 'error', status: 410, reason: 'Expired', versionTooLarge: false },
    ],
    [
      'ERROR tells of a version that the server does not have yet',
      {
        type: 'ERROR',
        object: { code: 504, reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } },
      },
      { kind: 'error', status: 504, reason: 'Timeout', versionTooLarge: true },
    ],
    ['half a line is garbage', '{"type":"ADD', garbage],
    ['another JSON value is garbage', '42', garbage],
    ['an unknown type is garbage', { type: 'RENAMED', object: raw }, garbage],
    ['an object without a name is garbage', { type: 'ADDED', object: { metadata: { resourceVersion: '1' } } }, garbage],
    ['an object without a version is garbage', { type: 'ADDED', object: { metadata: { name: 'a' } } }, garbage],
    ['a bookmark without a version is garbage', { type: 'BOOKMARK', object: { metadata: {} } }, garbage],
    ['an event without an object is garbage', { type: 'MODIFIED' }, garbage],
  ])('%s', (_sentence, event, expected) => {
    expect(parseWatchLine(line(event))).toEqual(expected);
  });

  it('does not take broken UTF-8 for an object', () => {
    const whole = line({ type: 'ADDED', object: { metadata: { ...metadata, name: 'dbx' } } });
    const broken = Buffer.from(whole);
    broken[broken.indexOf('dbx')] = 0xc3;
    expect(parseWatchLine(broken)).toEqual(garbage);
  });
});

describe('a page of a list', () => {
  it('reads objects, version and continue token', () => {
    expect(parseListPage({ metadata: { resourceVersion: '9', continue: 'more' }, items: [raw] })).toEqual({
      kind: 'page',
      objects: [object],
      resourceVersion: '9',
      continueToken: 'more',
    });
  });

  it('takes `items: null` for an empty list, as the API server writes it', () => {
    expect(parseListPage({ metadata: { resourceVersion: '9' }, items: null })).toMatchObject({
      kind: 'page',
      objects: [],
    });
  });

  it.each<[string, unknown]>([
    ['is garbage without a version', { metadata: {}, items: [] }],
    ['is garbage with one object that has no name', { metadata: { resourceVersion: '9' }, items: [raw, {}] }],
    ['is garbage when it is no object', 'pages'],
  ])('%s', (_sentence, body) => {
    expect(parseListPage(body)).toEqual(garbage);
  });
});
