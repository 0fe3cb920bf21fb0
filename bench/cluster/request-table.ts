/** What the API server was asked in a phase, by its own counters. */

import { countWrites, type RequestCount, requestsBetween } from '../../test/harness/request-counts.ts';

export interface ApiRequests {
  /** `VERB resource[/subresource]` and how often, the most frequent first. */
  readonly rows: readonly (readonly [name: string, count: number])[];
  /** Writes that the operator may have made, of anything but Leases and Events. */
  readonly writes: number;
  /** Those of Secrets and ExternalSecrets. */
  readonly objectWrites: number;
  readonly events: number;
}

/** Written by the control plane itself, or by the bench for the operator's token. */
const OF_OTHERS = new Set([
  'leases',
  'endpointslices',
  'endpoints',
  'ipaddresses',
  'servicecidrs',
  'services',
  'serviceaccounts',
]);
/** What the operator reads; the reads of other resources are the control plane's own watches, and many. */
const READ_BY_OPERATOR = new Set(['secrets', 'externalsecrets', 'secretstores', 'clustersecretstores']);
/** The operator has no right to delete anything: these are the garbage collector's. */
const DELETES = new Set(['DELETE', 'DELETECOLLECTION']);

export function apiRequests(before: readonly RequestCount[], after: readonly RequestCount[]): ApiRequests {
  const counted = requestsBetween(before, after).filter(
    (each) => READ_BY_OPERATOR.has(each.resource) || (countWrites([each]) > 0 && !OF_OTHERS.has(each.resource)),
  );
  const rows = new Map<string, number>();
  for (const { verb, resource, subresource, code, count } of counted) {
    const what = `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`;
    const name = code.startsWith('2') || code === '0' ? what : `${what}, HTTP ${code}`;
    rows.set(name, (rows.get(name) ?? 0) + count);
  }
  const written = counted.filter(({ verb }) => !DELETES.has(verb));
  const events = countWrites(written, 'events');
  const objectWrites = countWrites(written, 'secrets') + countWrites(written, 'externalsecrets');
  return {
    rows: [...rows].sort(([, a], [, b]) => b - a),
    writes: countWrites(written) - events,
    objectWrites,
    events,
  };
}
