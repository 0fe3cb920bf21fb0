/** What the API server was asked, from its own `apiserver_request_total`: the way to prove that nothing was written. */

export interface RequestCount {
  /** As metrics name it: GET, LIST, WATCH, POST, PUT, PATCH, APPLY, DELETE, DELETECOLLECTION. */
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly code: string;
  readonly count: number;
}

const READS = new Set(['GET', 'LIST', 'WATCH', 'WATCHLIST', 'CONNECT', 'HEAD', 'OPTIONS']);

/** Reads the samples out of the text that `/metrics` serves; requests that concern no resource are left out. */
export function parseRequestCounts(text: string): readonly RequestCount[] {
  // Samples that differ in other labels only, such as the scope of a deletion, are one here.
  const counts = new Map<string, RequestCount>();
  for (const line of text.split('\n')) {
    const sample = /^apiserver_request_total\{(.*)\} (\S+)$/.exec(line);
    if (sample !== null) {
      const labels = parseLabels(sample[1] ?? '');
      const label = (name: string) => labels.get(name) ?? '';
      const [verb, group, resource] = [label('verb'), label('group'), label('resource')];
      const one = { verb, group, resource, subresource: label('subresource'), code: label('code') };
      const key = keyOf({ ...one, count: 0 });
      counts.set(key, { ...one, count: Number(sample[2]) + (counts.get(key)?.count ?? 0) });
    }
  }
  return [...counts.values()].filter(({ resource }) => resource !== '');
}

/**
 * What was asked between two snapshots, without what was not asked. A request is counted when its reply has been
 * sent, so the last one may be missing for a moment. Counters start over with the API server.
 */
export function requestsBetween(
  before: readonly RequestCount[],
  after: readonly RequestCount[],
): readonly RequestCount[] {
  const earlier = new Map(before.map((each) => [keyOf(each), each.count]));
  return after
    .map((each) => ({ ...each, count: each.count - startingPoint(earlier.get(keyOf(each)) ?? 0, each.count) }))
    .filter(({ count }) => count > 0);
}

/** How many of them wrote, optionally to one resource only. */
export function countWrites(counts: readonly RequestCount[], resource?: string): number {
  return counts
    .filter((each) => !READS.has(each.verb) && (resource === undefined || each.resource === resource))
    .reduce((sum, each) => sum + each.count, 0);
}

function startingPoint(before: number, after: number): number {
  return after < before ? 0 : before;
}

function keyOf({ verb, group, resource, subresource, code }: RequestCount): string {
  return [verb, group, resource, subresource, code].join('\n');
}

function parseLabels(text: string): ReadonlyMap<string, string> {
  return new Map(Array.from(text.matchAll(/(\w+)="([^"]*)"/g), ([, name = '', value = '']) => [name, value]));
}
