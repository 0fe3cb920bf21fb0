import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shardOf, shardOfKey, shardOfStore } from '../../../src/domain/shard-of.ts';

describe('the shard of a namespace', () => {
  test('is one of those that there are', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 100 }), (namespace, shards) => {
        expect(shardOf(namespace, shards)).toBeOneOf([...Array(shards).keys()]);
      }),
    );
  });

  /** Another answer in another release would let two processes work on one namespace during its rollout. */
  test.each([
    ['default', 3, 2],
    ['kube-system', 3, 2],
    ['team-a', 8, 0],
    ['team-b', 8, 1],
    ['', 8, 3],
  ])('%s of %i is the same in every release', (namespace, shards, expected) => {
    expect(shardOf(namespace, shards)).toBe(expected);
  });

  test.each([
    ['numbered ones', (at: number) => `team-${at}`],
    ['ones with a number in front', (at: number) => `${at}-prod`],
    ['ones of one letter and its repetitions', (at: number) => 'a'.repeat(at + 1)],
  ])('is spread evenly over %s', (_, nameOf) => {
    for (const shards of [2, 3, 8, 10]) {
      const counts = new Array<number>(shards).fill(0);
      for (let at = 0; at < 100 * shards; at += 1) {
        const shard = shardOf(nameOf(at), shards);
        counts[shard] = (counts[shard] ?? 0) + 1;
      }
      expect(Math.min(...counts)).toBeGreaterThan(65);
      expect(Math.max(...counts)).toBeLessThan(135);
    }
  });

  test('is that of the objects in it', () => {
    for (const namespace of ['default', 'team-a', 'kube-system']) {
      expect(shardOfKey(`${namespace}/app`, 5)).toBe(shardOf(namespace, 5));
      expect(shardOfStore(`SecretStore/${namespace}/aws`, 5)).toBe(shardOf(namespace, 5));
    }
    expect(shardOfStore('ClusterSecretStore/aws', 5)).toBe(0);
  });
});
