import { describe, expect, test } from 'vitest';
import type { Situation } from '../../../src/domain/situation.ts';
import { sourceHash } from '../../../src/domain/source-hash.ts';
import { syncedResourceVersion } from '../../../src/domain/upstream-hash.ts';
import type { SecretVersion } from '../../../src/ports/secret-source.ts';
import { type ExternalSecretParts, writtenTarget } from './manifests.ts';
import { DENIED, editedLater, merge, none, plan, restarted, SYNC, saw, told, V1, V2 } from './situations.ts';

const LOOK = 'look: prod/db as identity-a';

/** A polled object after a restart whose target says that it was written from this version. */
function leftFrom(version: SecretVersion, parts: ExternalSecretParts = {}): Situation {
  const situation = restarted(parts);
  const { externalSecret } = situation;
  const { metadata } = externalSecret;
  const hash = sourceHash({
    uid: metadata.uid,
    syncedResourceVersion: syncedResourceVersion(metadata),
    versions: [version],
    keys: ['password'],
    templates: [],
    access: '',
  });
  const target = writtenTarget(externalSecret);
  return {
    ...situation,
    target: { ...target, annotations: { ...target.annotations, 'keyturn.dev/source-hash': hash } },
  };
}

function seen(situation: Situation, parts: Parameters<typeof saw>[0]): Situation {
  return { ...situation, seen: saw(parts) };
}

describe('after a restart, an object that is polled', () => {
  const left = leftFrom(V1);

  test.each<[string, Situation, string]>([
    ['is looked at before it is read', left, LOOK],
    ['is taken up when AWS has the version that it was written from', seen(left, { version: V1 }), 'takeUp: v1'],
    ['is read when AWS has another version', seen(left, { version: V2 }), SYNC],
    ['is read when the secret was made anew', seen(left, { version: { ...V1, arn: 'arn:anew' } }), SYNC],
    [
      'is read when AWS told of its version by a label only',
      seen(left, { version: { ...V1, createdAtMs: undefined } }),
      SYNC,
    ],
    ['is read when an event told of a change', seen(left, { version: V1, announced: {} }), SYNC],
    [
      'is told of what hinders the look',
      seen(left, { failure: DENIED }),
      'sourceFailed: spec.data[0] (key: prod/db): no',
    ],
    ['is synced when it has changed meanwhile', leftFrom(V1, { status: { syncedResourceVersion: '0-x' } }), SYNC],
    ['is synced when it never was', leftFrom(V1, { status: {} }), SYNC],
    ['is synced when its target is gone', { ...left, target: undefined }, SYNC],
    [
      'is synced when its target was edited',
      { ...left, target: { ...writtenTarget(left.externalSecret), fieldOwners: editedLater } },
      SYNC,
    ],
    [
      'is synced when its target lacks our hash',
      { ...left, target: { ...writtenTarget(left.externalSecret), annotations: {} } },
      SYNC,
    ],
    ['is synced when it has no target', restarted(none), SYNC],
    [
      'is read when it names a version by its id, which nobody looks at',
      leftFrom(V1, { spec: { data: [{ secretKey: 'password', remoteRef: { key: 'prod/db', version: 'uuid/v1' } }] } }),
      SYNC,
    ],
    ['is looked at too when it merges into its target', restarted(merge), LOOK],
  ])('%s', (_, situation, expected) => {
    expect(told(plan(situation))).toBe(expected);
  });

  test('is known afterwards as if this process had written it', () => {
    const decided = plan(seen(left, { version: V1, checkedAtMs: 7_000 }));
    expect(decided).toMatchObject({
      kind: 'takeUp',
      checkedAtMs: 7_000,
      record: { keys: ['password'], targetResourceVersion: left.target?.resourceVersion },
    });
    const record = decided.kind === 'takeUp' ? decided.record : undefined;
    expect(told(plan({ ...seen(left, { version: V1 }), record }))).toBe('settled: periodic');
  });

  test.each([
    ['is read as at first when another version follows one of unknown age', undefined, 'first'],
    ['is read as of another version when it is known how old the first was', 1_000, 'version'],
  ])('%s', (_, createdAtMs, because) => {
    const decided = plan(seen(left, { version: { ...V1, createdAtMs } }));
    const record = decided.kind === 'takeUp' ? decided.record : undefined;
    expect(plan({ ...seen(left, { version: V2 }), record })).toMatchObject({ kind: 'sync', because });
  });
});
