import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pack, unpack } from '../../../src/kube/packed-text.ts';

describe('packed text', () => {
  test('gives back whatever JSON can hold, control characters included', () => {
    const text = fc.string({
      unit: fc.constantFrom('\u0001', '\u001f', '\n', '"', '\\', 'a', '","uid":"', '"labels":', '💥'),
    });
    const value = fc
      .jsonValue()
      .chain((json) => fc.record({ json: fc.constant(json), text, map: fc.dictionary(text, text) }));
    fc.assert(
      fc.property(value, (given) => {
        // What JSON itself does not keep, such as -0, is not asked for.
        const kept: unknown = JSON.parse(JSON.stringify(given));
        expect(unpack(pack(given))).toEqual(kept);
      }),
    );
  });

  test('of an object as most are is less than half of its JSON', () => {
    const externalSecret = {
      kind: 'valid',
      object: {
        kind: 'ExternalSecret',
        metadata: {
          name: 'db',
          namespace: 'team',
          uid: '97b121b9-bcb2-4272-a169-a5b43ef03b6b',
          resourceVersion: '8592',
          generation: 1,
          creationTimestamp: '2026-11-24T18:21:41Z',
        },
        spec: {
          dataFrom: [{ extract: { key: 'team/db' } }],
          refreshInterval: '1h0m0s',
          secretStoreRef: { name: 'aws' },
          target: { creationPolicy: 'Owner', deletionPolicy: 'Retain' },
        },
        status: {
          binding: { name: 'db' },
          conditions: [
            {
              lastTransitionTime: '2026-11-24T18:22:37Z',
              message: 'secret synced',
              reason: 'SecretSynced',
              status: 'True',
              type: 'Ready',
            },
          ],
          refreshTime: '2026-11-24T18:22:37Z',
        },
      },
    };
    expect(pack(externalSecret).length).toBeLessThan(JSON.stringify(externalSecret).length / 2);
  });
});
