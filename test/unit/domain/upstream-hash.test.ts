import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  contentHash,
  createdByHash,
  dataHash,
  fieldManagerOf,
  syncedResourceVersion,
} from '../../../src/domain/upstream-hash.ts';
import { isJsonObject, parseJson } from '../../../src/ports/secret-json.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';

const EMPTY = 'f47fe3c0b255b6dd8047cdffa772587bb829efe7a1cb70febeda2eb2';

describe('hashes that External Secrets Operator knows', () => {
  test('created-by is the vector of its own tests', () => {
    expect(createdByHash('default', 'test-es')).toBe('a8e09351ea392b727f69f63683b28619fbed1174f572e728706a9ea8');
  });

  test('an object without labels and annotations has the known hash behind its generation', () => {
    expect(syncedResourceVersion({ generation: 3 })).toBe(`3-${EMPTY}`);
    expect(syncedResourceVersion({ generation: 3, labels: {}, annotations: {} })).toBe(`3-${EMPTY}`);
    expect(syncedResourceVersion({})).toBe(`0-${EMPTY}`);
  });

  test('the order in which labels come does not matter', () => {
    const a = syncedResourceVersion({ generation: 1, labels: { b: '2', a: '1', 'a.b': '3', A: '4' } });
    const b = syncedResourceVersion({ generation: 1, labels: { A: '4', 'a.b': '3', a: '1', b: '2' } });
    expect(a).toBe(b);
  });

  test.each([
    ['the generation', { generation: 2 }],
    ['a label', { generation: 1, labels: { a: '1' } }],
    ['an annotation', { generation: 1, annotations: { a: '1' } }],
    ['an empty label', { generation: 1, labels: { a: '' } }],
  ])('%s changes it', (_, meta) => {
    expect(syncedResourceVersion(meta)).not.toBe(syncedResourceVersion({ generation: 1 }));
  });
});

describe('the hash of the data', () => {
  const dataOf = (entries: Readonly<Record<string, string>>) =>
    new Map(Object.entries(entries).map(([key, text]) => [key, SecretValue.fromText(text)]));

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['no data', {}, '74a974446e359fb3e6baff9bd0058950e6edd0f040888d9989b0a11b'],
    [
      'two keys, in whatever order',
      { foo: 'value1', bar: 'value2' },
      '1bed8bcbcb4547ffe19a19cd47d9078e84aa6598266d86b99f992d64',
    ],
  ])('of %s is the vector of its own tests', (_, entries, expected) => {
    expect(dataHash(dataOf(entries))).toBe(expected);
  });

  test('tells an empty value from one that is absent, and bytes that are not UTF-8 from each other', () => {
    const bytes = (...all: number[]) => new Map([['a', SecretValue.fromBytes(Uint8Array.from(all))]]);
    const hashes = [dataOf({}), dataOf({ a: '' }), bytes(255), bytes(254)].map(dataHash);
    expect(new Set(hashes).size).toBe(4);
  });
});

describe('the field manager', () => {
  test.each([
    ['a short name stands as it is', 'app', 'externalsecrets.external-secrets.io/app'],
    ['27 characters still fit', 'a'.repeat(27), `externalsecrets.external-secrets.io/${'a'.repeat(27)}`],
  ])('%s', (_, name, manager) => {
    expect(fieldManagerOf(name)).toBe(manager);
  });

  test('a longer name is hashed, and the result fits into the 128 bytes of a field manager', () => {
    const manager = fieldManagerOf('a'.repeat(28));
    expect(manager).toMatch(/^externalsecrets\.external-secrets\.io\/sha3\/[0-9a-f]{56}$/);
    expect(Buffer.byteLength(manager)).toBeLessThanOrEqual(128);
    expect(fieldManagerOf('b'.repeat(28))).not.toBe(manager);
  });
});

describe('the hash of the content of a target of another kind', () => {
  const hashOf = (json: string) => {
    const content = parseJson(json);
    return contentHash(isJsonObject(content) ? content : new Map());
  };

  test.each<[string, string, string]>([
    ['is over the text of a map as Go prints it', '{"data":{"b":"2","a":"1"}}', 'map[a:1 b:2]'],
    ['is over the spec where there is one', '{"data":{"a":"1"},"spec":{"x":true}}', 'map[x:true]'],
    [
      'knows maps, lists, numbers and nothing',
      '{"spec":{"l":[1,"b",{"c":null}],"n":9007199254740993,"f":1.50}}',
      'map[f:1.5 l:[1 b map[c:<nil>]] n:9007199254740993]',
    ],
    ['of nothing is that of nothing', '{}', '<nil>'],
  ])('%s', (_, json, text) => {
    expect(hashOf(json)).toBe(hash('sha3-224', text));
  });
});
