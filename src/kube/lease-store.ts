/** A Lease in `coordination.k8s.io/v1`: read, and compare-and-swap by resourceVersion. */

import type { ObjectName } from '../ports/cluster.ts';
import type { LeaseRecord, LeaseStore, StoredLease } from '../ports/lease.ts';
import type { KubeClient, KubeRequest } from './client.ts';
import { unanswered } from './errors.ts';
import { asText, asTextMap, at, type JsonObject } from './narrow.ts';
import { inNamespace, LEASES, namespacedObject } from './resource-path.ts';

/** Well below the renew deadline of a leader, so that one lost packet does not cost the lease. */
const TIMEOUT_MS = 5_000;

/** What an update must carry over from the Lease that it replaces. */
interface Carried {
  readonly resourceVersion: string;
  readonly holder: string;
  readonly acquireTime: string;
  readonly labels: JsonObject;
  readonly annotations: JsonObject;
}

export interface LeaseStoreOptions {
  readonly client: KubeClient;
  readonly lease: ObjectName;
  /** That every write sets; others stay. @default none */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** A store that also takes in what a list brought, so that it may be written over without another read. */
export interface ListedLeaseStore extends LeaseStore {
  /** Undefined for what is not a Lease. */
  takeIn(item: unknown): StoredLease | undefined;
}

export function createLeaseStore(options: LeaseStoreOptions): ListedLeaseStore {
  const { client, lease } = options;
  let last: Carried | undefined;
  let listed: Carried | undefined;

  function remember(request: KubeRequest, body: unknown): StoredLease {
    const stored = readLease(body);
    if (stored === undefined) {
      throw unanswered(request, 'no Lease').error;
    }
    last = carriedOf(stored, body);
    return stored;
  }

  return {
    takeIn(item) {
      const stored = readLease(item);
      listed = stored && carriedOf(stored, item);
      return stored;
    },
    async read(signal) {
      const request: KubeRequest = {
        verb: 'get',
        path: namespacedObject(LEASES, lease),
        timeoutMs: TIMEOUT_MS,
        signal,
      };
      const result = await client.call(request);
      if (result.kind === 'ok') {
        return remember(request, result.body);
      }
      if (result.status === 404) {
        return undefined;
      }
      throw result.error;
    },
    async write(record, expected, signal) {
      const carried = [last, listed].find((each) => each?.resourceVersion === expected);
      const request: KubeRequest = {
        verb: expected === undefined ? 'create' : 'update',
        path: expected === undefined ? inNamespace(LEASES, lease.namespace) : namespacedObject(LEASES, lease),
        query: { fieldManager: 'keyturn' },
        body: JSON.stringify(leaseBody(options, record, expected, carried)),
        timeoutMs: TIMEOUT_MS,
        signal,
      };
      return remember(request, await client.request(request));
    },
  };
}

function carriedOf({ resourceVersion, holder }: StoredLease, body: unknown): Carried {
  return {
    resourceVersion,
    holder,
    acquireTime: asText(at(body, 'spec', 'acquireTime')),
    labels: asTextMap(at(body, 'metadata', 'labels')),
    annotations: asTextMap(at(body, 'metadata', 'annotations')),
  };
}

function leaseBody(
  { lease, labels }: Pick<LeaseStoreOptions, 'lease' | 'labels'>,
  record: LeaseRecord,
  expected: string | undefined,
  carried: Carried | undefined,
) {
  const renewTime = microTime(record.renewedAtMs);
  const allLabels = carried === undefined && labels === undefined ? undefined : { ...carried?.labels, ...labels };
  const isRenewal = carried?.holder === record.holder && carried.acquireTime !== '';
  return {
    apiVersion: LEASES.apiVersion,
    kind: 'Lease',
    metadata: {
      name: lease.name,
      namespace: lease.namespace,
      labels: allLabels,
      annotations: carried?.annotations,
      resourceVersion: expected,
    },
    spec: {
      holderIdentity: record.holder,
      // The API counts whole seconds and refuses zero.
      leaseDurationSeconds: Math.max(1, Math.ceil(record.durationMs / 1_000)),
      acquireTime: isRenewal ? carried.acquireTime : renewTime,
      renewTime,
      leaseTransitions: record.transitions,
    },
  };
}

/** A Lease that somebody made by hand may lack every field of its spec: then nobody holds it. */
function readLease(body: unknown): StoredLease | undefined {
  const resourceVersion = asText(at(body, 'metadata', 'resourceVersion'));
  if (resourceVersion === '') {
    return undefined;
  }
  const renewedAtMs = Date.parse(asText(at(body, 'spec', 'renewTime')));
  return {
    resourceVersion,
    holder: asText(at(body, 'spec', 'holderIdentity')),
    durationMs: count(at(body, 'spec', 'leaseDurationSeconds')) * 1_000,
    renewedAtMs: Number.isNaN(renewedAtMs) ? 0 : renewedAtMs,
    transitions: count(at(body, 'spec', 'leaseTransitions')),
  };
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** Kubernetes' MicroTime: RFC 3339 with exactly six digits of a second. */
function microTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/Z$/, '000Z');
}
