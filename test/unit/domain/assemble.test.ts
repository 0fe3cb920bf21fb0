import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { RemoteRef } from '../../../src/api/remote-ref.ts';
import { type Assembled, assemble } from '../../../src/domain/assemble.ts';
import type { Reference } from '../../../src/domain/references.ts';
import type { RewriteTools } from '../../../src/domain/rewrite.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { keyOf, reference } from './manifests.ts';

const TOOLS: RewriteTools = { compileTransform: () => (key) => `${key}-made`, elapsedMs: () => 0 };

/** Stands in every secret below: it must be in no message. */
const CANARY = 'canary-hunter2';

function assembled(
  references: readonly Reference[],
  secrets: Readonly<Record<string, string | Uint8Array>>,
): Assembled {
  return assemble(
    references,
    (each) => {
      const secret = secrets[keyOf(each)] ?? '';
      return typeof secret === 'string' ? SecretValue.fromText(secret) : SecretValue.fromBytes(secret);
    },
    TOOLS,
  );
}

function texts(result: Assembled): Record<string, string> | undefined {
  if (result.kind === 'failed') return undefined;
  return Object.fromEntries([...result.data].map(([key, value]) => [key, value.revealText()]));
}

function single(remoteRef: Partial<RemoteRef>, secret: string | Uint8Array, secretKey?: string): Assembled {
  return assembled([reference(remoteRef, secretKey)], { 'prod/db': secret });
}

describe('what is merged', () => {
  test('the later reference wins, key by key', () => {
    const first = reference({ key: 'first' });
    const second = reference({ key: 'second' });
    const last = reference({ key: 'last' }, 'b');
    const secrets = { first: '{"a":"1","b":"1","c":"1"}', second: '{"b":"2","c":"2"}', last: '3' };
    expect(texts(assembled([first, second, last], secrets))).toEqual({ a: '1', b: '3', c: '2' });
  });

  test('a whole secret is taken byte for byte', () => {
    const bytes = Uint8Array.of(0, 0xff, 0xfe, 0x80, 10);
    const result = single({}, bytes, 'key');
    expect(result.kind === 'data' && result.data.get('key')?.revealBytes()).toEqual(bytes);
  });

  test('an empty secret is an empty value, not a missing one', () => {
    expect(texts(single({}, '', 'key'))).toEqual({ key: '' });
  });

  test('an empty property means the whole secret', () => {
    expect(texts(single({ property: '' }, '{"a":1}', 'key'))).toEqual({ key: '{"a":1}' });
  });

  test.each<[string, Partial<RemoteRef>, string, Record<string, string>]>([
    ['extract takes every key', {}, '{"a":"x","b":1.0,"c":null}', { a: 'x', b: '1.0', c: '' }],
    ['extract of a property takes the keys of that object', { property: 'inner' }, '{"inner":{"a":"x"}}', { a: 'x' }],
    ['extract of a property that holds JSON as text reads that', { property: 'j' }, '{"j":"{\\"a\\":1}"}', { a: '1' }],
    ['invalid characters become underscores', {}, '{"a/b c":"x"}', { a_b_c: 'x' }],
    ['or their code under Unicode', { conversionStrategy: 'Unicode' }, '{"a/b":"x"}', { a_U002f_b: 'x' }],
    ['an empty key is dropped', {}, '{"":"x","a":"y"}', { a: 'y' }],
    ['every value is decoded', { decodingStrategy: 'Base64' }, '{"a":"aGk="}', { a: 'hi' }],
    ['NUL bytes pass by default', {}, '{"a":"x\\u0000"}', { a: 'x\0' }],
    ['a key that JavaScript knows is a key', {}, '{"__proto__":"x"}', { ['__proto__']: 'x' }],
  ])('%s', (_, remoteRef, secret, data) => {
    expect(Object.entries(texts(single(remoteRef, secret)) ?? {})).toEqual(Object.entries(data));
  });
});

describe('tags', () => {
  const TAGS = '{"aws:stack":"net","cost.center":"42","team":"a\\u0026b"}';
  const tags = (remoteRef: Partial<RemoteRef>, secretKey?: string) => {
    const one = reference(remoteRef, secretKey);
    return assembled([{ ...one, ref: { key: keyOf(one), version: { kind: 'tags' } } }], { 'prod/db': TAGS });
  };

  test.each<[string, Partial<RemoteRef>, string | undefined, Record<string, string>]>([
    ['are one JSON object', {}, 'key', { key: TAGS }],
    ['are picked by property', { property: 'team' }, 'key', { key: 'a&b' }],
    ['may have dots and colons in their names', { property: 'cost.center' }, 'key', { key: '42' }],
    ['are extracted into keys of their own', {}, undefined, { aws_stack: 'net', 'cost.center': '42', team: 'a&b' }],
  ])('%s', (_, remoteRef, secretKey, data) => {
    expect(texts(tags(remoteRef, secretKey))).toEqual(data);
  });

  test('that are not there are missed by name, and the message speaks of tags', () => {
    const result = tags({ property: 'taem' }, 'key');
    expect(result.kind === 'failed' && result.error.message).toBe(
      'property "taem" does not exist among the tags of the secret; check its spelling',
    );
  });
});

describe('what cannot be made fails with the field, what is wrong, and no value', () => {
  test.each<[string, Partial<RemoteRef>, string | undefined, string | Uint8Array, string, string]>([
    [
      'a missing property',
      { property: 'pasword' },
      'key',
      `{"password":"${CANARY}"}`,
      'InvalidSecretContent',
      'property "pasword" does not exist',
    ],
    [
      'a property of a text',
      { property: 'p' },
      'key',
      `${CANARY}`,
      'InvalidSecretContent',
      'the secret (14 bytes) is not JSON',
    ],
    ['a property of half a JSON', { property: 'p' }, 'key', `{"p":"${CANARY}`, 'InvalidSecretContent', 'is not JSON'],
    [
      'a property of a JSON with a bad escape',
      { property: 'p' },
      'key',
      `{"p":"${CANARY}\\q"}`,
      'InvalidSecretContent',
      'is not JSON',
    ],
    [
      'a query that matches nothing',
      { property: `#(a=="b")` },
      'key',
      `[{"a":"${CANARY}"}]`,
      'InvalidSecretContent',
      'property "#(a==\\"b\\")" does not exist in the secret',
    ],
    [
      'a property that costs too much',
      { property: `a${'.@tostr'.repeat(30)}` },
      'key',
      `{"a":"${CANARY}"}`,
      'InvalidSecretContent',
      'exceeds the limit of 1048576 bytes for a text that a path makes; ask for less',
    ],
    [
      'a property that is longer than a message can show',
      { property: 'p'.repeat(100_000) },
      'key',
      `{"a":"${CANARY}"}`,
      'InvalidSecretContent',
      `property "${'p'.repeat(100)}..." does not exist`,
    ],
    [
      'a value that is no base64',
      { decodingStrategy: 'Base64' },
      'key',
      `${CANARY}!`,
      'InvalidSecretContent',
      'the value for key "key" is not Base64',
    ],
    [
      'a value that is no base64url',
      { decodingStrategy: 'Base64URL' },
      'key',
      `${CANARY}!`,
      'InvalidSecretContent',
      'is not Base64URL',
    ],
    [
      'a NUL byte where none may be',
      { nullBytePolicy: 'Fail' },
      'key',
      `${CANARY}\0`,
      'InvalidSecretContent',
      'has a NUL byte',
    ],
    [
      'a NUL byte that decoding brings',
      { nullBytePolicy: 'Fail', decodingStrategy: 'Base64' },
      'key',
      'AAAA',
      'InvalidSecretContent',
      'has a NUL byte',
    ],
    [
      'extract of a text',
      {},
      undefined,
      CANARY,
      'InvalidSecretContent',
      'extract needs a JSON object, and the secret (14 bytes) is none',
    ],
    ['extract of a list', {}, undefined, `["${CANARY}"]`, 'InvalidSecretContent', 'extract needs a JSON object'],
    [
      'extract of binary data',
      {},
      undefined,
      Uint8Array.of(0xff, 0),
      'InvalidSecretContent',
      'extract needs a JSON object',
    ],
    [
      'extract of a text property',
      { property: 'p' },
      undefined,
      `{"p":"${CANARY}"}`,
      'InvalidSecretContent',
      'extract needs a JSON object',
    ],
    [
      'two keys that become one',
      {},
      undefined,
      `{"a/b":"${CANARY}","a_b":"${CANARY}"}`,
      'InvalidSecretContent',
      '"a/b" and "a_b" both become "a_b" by conversion',
    ],
    [
      'a letter outside ASCII',
      {},
      undefined,
      `{"schlüssel":"${CANARY}"}`,
      'InvalidSecretContent',
      'invalid character "ü"',
    ],
    [
      'a key of the secret that is too long',
      {},
      undefined,
      `{"${'k'.repeat(254)}":"${CANARY}"}`,
      'InvalidSecretContent',
      'has 254 bytes',
    ],
    ['a secretKey with a bad character', {}, 'a/b', CANARY, 'InvalidSpec', 'invalid character "/"'],
  ])('%s', (_, remoteRef, secretKey, secret, kind, message) => {
    const result = single(remoteRef, secret, secretKey);
    if (result.kind !== 'failed') throw new Error('expected a failure');
    expect(result.field).toBe(`${secretKey === undefined ? 'spec.dataFrom[0]' : 'spec.data[0]'} (key: prod/db)`);
    expect(result.error.name).toBe(kind);
    expect(result.error.message).toContain(message);
    expect(inspect(result, { depth: 10, showHidden: true })).not.toContain(CANARY);
    expect(result.error.stack).not.toContain(CANARY);
  });

  test('the first one that fails is told, and nothing of the others is given', () => {
    const good = reference({ key: 'good' }, 'a');
    const bad = { ...reference({ key: 'bad', property: 'p' }, 'b'), field: 'spec.data[1] (key: bad)' };
    const worse = { ...reference({ key: 'worse' }), field: 'spec.data[2] (key: worse)' };
    const result = assembled([good, bad, worse], { good: 'x', bad: CANARY, worse: CANARY });
    expect(result).toMatchObject({ kind: 'failed', field: 'spec.data[1] (key: bad)' });
  });

  test('a bug in reading is not taken for a bad secret', () => {
    const broken = () => {
      throw new TypeError('a bug');
    };
    expect(() => assemble([reference({}, 'a')], broken, TOOLS)).toThrow(TypeError);
  });
});

test('the properties of one ExternalSecret share what they may cost', () => {
  const numbers = `[${Array.from({ length: 30_000 }, () => 1).join(',')}]`;
  const references = (count: number) =>
    Array.from({ length: count }, (_, n) => reference({ property: '@reverse.0' }, `key-${n}`));
  expect(assembled(references(20), { 'prod/db': numbers }).kind).toBe('data');
  const result = assembled(references(80), { 'prod/db': numbers });
  expect(result.kind === 'failed' && result.error.message).toBe(
    'property "@reverse.0" exceeds the limit of 50000000 steps for all paths together; ask for less in one ExternalSecret',
  );
});

describe('what find brings', () => {
  const found = (names: Readonly<Record<string, string>>, parts: Partial<Reference> = {}): Assembled => {
    const answer = new Map(Object.entries(names).map(([name, text]) => [name, SecretValue.fromText(text)]));
    const one: Reference = {
      ...reference(),
      field: 'spec.dataFrom[0].find',
      ref: { query: { nameRegexp: 'db' } },
      taking: {},
      secretKey: undefined,
      rewrite: [],
      ...parts,
    };
    return assemble([one], () => answer, TOOLS);
  };

  test.each<[string, Readonly<Record<string, string>>, Partial<Reference>, Record<string, string>]>([
    ['are whole secrets under their names, converted', { 'shop/db': '{"a":1}' }, {}, { shop_db: '{"a":1}' }],
    ['is nothing when nothing matches', {}, {}, {}],
    ['is decoded as it says', { db: 'YQ==' }, { taking: { decodingStrategy: 'Base64' } }, { db: 'a' }],
    [
      'is rewritten instead of converted',
      { 'shop/db': 'x' },
      { rewrite: [{ regexp: { source: '^shop/', target: '' } }] },
      { db: 'x' },
    ],
    [
      'is rewritten step by step',
      { 'shop/db': 'x' },
      { rewrite: [{ regexp: { source: '/', target: '_' } }, { transform: { template: '{{ .value }}' } }] },
      { 'shop_db-made': 'x' },
    ],
  ])('%s', (_, names, parts, expected) => {
    expect(texts(found(names, parts))).toEqual(expected);
  });

  test('fails as a whole when two names become one key', () => {
    const result = found({ 'shop/db': CANARY, shop_db: CANARY });
    expect(result).toMatchObject({ kind: 'failed', field: 'spec.dataFrom[0].find' });
    expect(inspect(result)).not.toContain(CANARY);
  });
});

describe('what extract brings', () => {
  test('is rewritten instead of converted', () => {
    const one: Reference = { ...reference({}), rewrite: [{ regexp: { source: '^db/(.*)$', target: 'DB_$1' } }] };
    expect(texts(assembled([one], { 'prod/db': '{"db/user":"x","port":1}' }))).toEqual({ DB_user: 'x', port: '1' });
  });
});
