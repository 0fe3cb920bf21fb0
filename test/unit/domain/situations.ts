/** Situations of one ExternalSecret, complete but for what a test is about, and plans in a few words. */

import type { ExternalSecret, ExternalSecretStatus } from '../../../src/api/external-secret.ts';
import { judge, type Plan, plan as planned } from '../../../src/domain/plan.ts';
import { identitiesOf, type Reference } from '../../../src/domain/references.ts';
import { refId } from '../../../src/domain/secret-ref.ts';
import type { Seen, Situation, SyncRecord } from '../../../src/domain/situation.ts';
import type { StoreStanding } from '../../../src/domain/store-standing.ts';
import { syncedResourceVersion } from '../../../src/domain/upstream-hash.ts';
import { AccessDenied } from '../../../src/ports/errors.ts';
import type { SecretRef, SecretVersion } from '../../../src/ports/secret-source.ts';
import {
  type ExternalSecretParts,
  externalSecret,
  fieldOwner,
  keyOf,
  WRITTEN_AT_MS,
  writtenTarget,
} from './manifests.ts';

export const READY = { kind: 'ready', identityKey: 'identity-a', keyPrefix: '' } as const satisfies StoreStanding;
export const V1: SecretVersion = { arn: 'arn:db', versionId: 'v1', createdAtMs: 1_000 };
export const V2: SecretVersion = { arn: 'arn:db', versionId: 'v2', createdAtMs: 2_000 };
const DB: SecretRef = { key: 'prod/db', version: { kind: 'stage', stage: 'AWSCURRENT' } };
export const MANAGER = 'externalsecrets.external-secrets.io/app';
export const DENIED = new AccessDenied('no');

/** An object that was synced by this process, and nothing has happened since. */
export function synced(
  parts: ExternalSecretParts = {},
  version: SecretVersion = V1,
): Situation & { readonly record: SyncRecord } {
  const object = externalSecret(parts);
  return {
    externalSecret: object,
    allowsGeneric: true,
    storeOf: () => READY,
    target: writtenTarget(object),
    record: {
      uid: object.metadata.uid,
      syncedResourceVersion: syncedResourceVersion(object.metadata),
      versions: new Map([[refId(DB), { ...version, identityKey: 'identity-a', refId: refId(DB) }]]),
      gone: new Map(),
      end: 'written',
      keys: ['password'],
      templates: [],
      access: '',
      sourceHash: 'hash',
      targetResourceVersion: '10',
      syncedAtMs: WRITTEN_AT_MS,
    },
    hold: undefined,
    seen: saw({ version: V1 }),
    templateStanding: () => ({ kind: 'unknown' }),
    gate: { kind: 'open' },
    access: { kind: 'open' },
  };
}

/** Answers for the one secret of these tests under identity A, and for nothing else. */
export function saw(parts: Partial<Seen>): Situation['seen'] {
  return (identityKey, ref) =>
    identityKey === 'identity-a' && refId(ref) === refId(DB)
      ? { version: undefined, failure: undefined, checkedAtMs: WRITTEN_AT_MS + 500, ...parts }
      : undefined;
}

/** The same object after a restart: what the cluster says, and nothing that only this process knew. */
export function restarted(parts: ExternalSecretParts = {}): Situation {
  const object = externalSecret(parts);
  const status: ExternalSecretStatus = {
    refreshTime: '2026-01-01T00:00:00Z',
    syncedResourceVersion: syncedResourceVersion(object.metadata),
  };
  const shown: ExternalSecret = { ...object, status: parts.status ?? status };
  return {
    externalSecret: shown,
    allowsGeneric: true,
    storeOf: () => READY,
    target: writtenTarget(shown),
    record: undefined,
    hold: undefined,
    seen: () => undefined,
    templateStanding: () => ({ kind: 'unknown' }),
    gate: { kind: 'open' },
    access: { kind: 'open' },
  };
}

export function withStore(store: StoreStanding, parts?: ExternalSecretParts): Situation {
  return { ...synced(parts), storeOf: () => store };
}

function readBy(references: readonly Reference[]): string {
  return `${references.map(keyOf).join(', ')} as ${identitiesOf(references).join(', ')}`;
}

/** What is decided once the target is known. */
export function plan(situation: Situation): Plan {
  const judged = judge(situation);
  return judged.kind === 'servable' ? planned(situation, judged) : judged;
}

/** The plan in a few words: its kind, and what it says or waits for. */
export function told(decided: Plan): string {
  switch (decided.kind) {
    case 'ignore':
      return `ignore: ${decided.why}`;
    case 'fail':
      return `fail: ${decided.error.message}`;
    case 'sourceFailed':
      return `sourceFailed: ${decided.field}: ${decided.error.message}`;
    case 'settled':
      return `settled: ${decided.refresh.kind}`;
    case 'sync':
      return `sync: ${readBy(decided.references)}`;
    case 'held':
      return `held: ${decided.hold}`;
    case 'frozen':
      return `frozen: ${decided.error.message}`;
    case 'closed':
      return `closed until ${decided.askAgainMs}`;
    case 'awaitTarget':
      return 'awaitTarget';
    case 'adopt':
      return `adopt: ${decided.shape.keys.join(', ')}`;
    case 'inspect':
      return 'inspect';
    case 'look':
      return `look: ${readBy(decided.references)}`;
    case 'takeUp':
      return `takeUp: ${[...decided.record.versions.values()].map(({ versionId }) => versionId).join(', ')}`;
  }
}

export const SYNC = 'sync: prod/db as identity-a';
export const deleting = { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } };
export const onChange: ExternalSecretParts = { spec: { refreshPolicy: 'OnChange' } };
export const createdOnce: ExternalSecretParts = { spec: { refreshPolicy: 'CreatedOnce' } };
export const merge: ExternalSecretParts = { spec: { target: { creationPolicy: 'Merge' } } };
export const none: ExternalSecretParts = { spec: { target: { creationPolicy: 'None' } } };
export const other = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'other', uid: 'uid-other' };

export function retargeted(situation: Situation, change: Partial<NonNullable<Situation['target']>>): Situation {
  return { ...situation, target: { ...writtenTarget(situation.externalSecret), resourceVersion: '11', ...change } };
}

export const editedLater = [
  fieldOwner({ manager: MANAGER, dataKeys: [] }),
  fieldOwner({ dataKeys: ['password'], changedAtMs: WRITTEN_AT_MS + 60_000 }),
];
