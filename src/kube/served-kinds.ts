/** Which resource a kind is, by API discovery. */

import type { Clock } from '../ports/clock.ts';
import { ClusterNotFound } from '../ports/errors.ts';
import type { ServedKind } from '../ports/generic-objects.ts';
import type { KubeClient } from './client.ts';
import { asList, asText, at } from './narrow.ts';
import { apiVersionPath } from './resource-path.ts';

/** A kind that was found is one for long; where it is another then, the API server's 404 tells. */
const GOOD_FOR_MS = 10 * 60_000;
/** A kind that was not found may be installed at any moment: often together with what makes one, and all who ask share the answer. */
const ABSENT_FOR_MS = 1_000;
const MOST_API_VERSIONS = 100;

export interface ServedKinds {
  /** @throws ClusterNotFound when there is none now; ClusterForbidden, ClusterRejected, ClusterUnavailable */
  find(apiVersion: string, kind: string, signal: AbortSignal): Promise<ServedKind>;
  /** What is known of a version seems to be wrong. */
  forget(apiVersion: string): void;
}

interface Known {
  readonly kinds: readonly ServedKind[];
  readonly atMs: number;
}

export function createServedKinds(client: KubeClient, clock: Clock): ServedKinds {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<Known>>();

  function keep(apiVersion: string, found: Known): void {
    known.delete(apiVersion);
    known.set(apiVersion, found);
    const [oldest] = known.size > MOST_API_VERSIONS ? known.keys() : [];
    if (oldest !== undefined) known.delete(oldest);
  }

  async function ask(apiVersion: string): Promise<Known> {
    // Several may wait for the answer: none of them ends the question, the client's deadline does.
    const signal = new AbortController().signal;
    const result = await client.call({ verb: 'get', path: apiVersionPath(apiVersion), signal });
    if (result.kind === 'failed' && result.status !== 404) throw result.error;
    const kinds = result.kind === 'failed' ? [] : readServedKinds(apiVersion, result.body);
    const found = { kinds, atMs: clock.nowMs() };
    keep(apiVersion, found);
    return found;
  }

  function askOnce(apiVersion: string): Promise<Known> {
    const answer = asked.get(apiVersion) ?? ask(apiVersion).finally(() => asked.delete(apiVersion));
    asked.set(apiVersion, answer);
    return answer;
  }

  function search(found: Known | undefined, kind: string): ServedKind | undefined | 'old' {
    if (found === undefined) return 'old';
    const served = found.kinds.find((one) => one.kind === kind);
    const ageMs = clock.nowMs() - found.atMs;
    return ageMs < (served === undefined ? ABSENT_FOR_MS : GOOD_FOR_MS) ? served : 'old';
  }

  return {
    async find(apiVersion, kind, signal) {
      const before = search(known.get(apiVersion), kind);
      const served = before === 'old' ? search(await abortable(askOnce(apiVersion), signal), kind) : before;
      if (served !== undefined && served !== 'old') return served;
      throw new ClusterNotFound(
        `The API server serves no kind "${kind}" in "${apiVersion}"; install its CustomResourceDefinition, or correct ` +
          'spec.target.manifest.',
      );
    },
    forget: (apiVersion) => known.delete(apiVersion),
  };
}

/** Whoever gives up waits no longer; the others do. */
function abortable<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The resources of a list as discovery gives it; subresources have a slash in their names. */
function readServedKinds(apiVersion: string, body: unknown): readonly ServedKind[] {
  return asList(at(body, 'resources')).flatMap((raw) => {
    const plural = asText(at(raw, 'name'));
    const kind = asText(at(raw, 'kind'));
    if (kind === '' || !/^[a-z0-9][-a-z0-9.]*$/.test(plural)) return [];
    const verbs = asList(at(raw, 'verbs')).filter((verb) => typeof verb === 'string');
    return [{ apiVersion, kind, plural, isNamespaced: at(raw, 'namespaced') === true, verbs }];
  });
}
