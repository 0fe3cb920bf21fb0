/** What the annotation `keyturn.dev/rollout` asks for. Pure. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { ROLLOUT_ANNOTATION } from '../api/groups.ts';
import { WORKLOAD_KINDS, type Workload, type WorkloadKind } from '../ports/workloads.ts';
import { writesSecret } from './version-mark.ts';

/** A workload by its name; of whatever kind where none is given. */
export interface NamedWorkload {
  readonly kind: WorkloadKind | undefined;
  readonly name: string;
}

export type RolloutRequest =
  | { readonly kind: 'auto' }
  | { readonly kind: 'named'; readonly workloads: readonly NamedWorkload[] }
  | { readonly kind: 'invalid'; readonly problem: string };

const NAME = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
const ALLOWED =
  'use "auto" for all workloads of the namespace that use the Secret, or names joined by commas such as ' +
  '"deployment/api,statefulset/db,worker"; the kinds are deployment, statefulset, daemonset and rollout';

function parseName(text: string): NamedWorkload | undefined {
  const [first = '', second, ...rest] = text.trim().split('/');
  const name = second ?? first;
  if (rest.length > 0 || !NAME.test(name)) return undefined;
  if (second === undefined) return { kind: undefined, name };
  const kind = WORKLOAD_KINDS.find((known) => known.toLowerCase() === first.toLowerCase());
  return kind && { kind, name };
}

/** All of them are compared with all workloads of the namespace, at every change of one. */
const MOST_NAMES = 100;

/** A text from a manifest, no longer than a message should be. */
function quoted(text: string): string {
  return JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 80)}...`);
}

function parseRequest(text: string): RolloutRequest {
  if (text.trim() === 'auto') return { kind: 'auto' };
  const parts = text.split(',');
  if (parts.length > MOST_NAMES) {
    const tooMany = `it has ${parts.length} names, and may have ${MOST_NAMES}`;
    return { kind: 'invalid', problem: `annotation ${ROLLOUT_ANNOTATION}: ${tooMany}; ${ALLOWED}` };
  }
  const workloads = parts.map(parseName);
  const bad = workloads.indexOf(undefined);
  if (bad < 0) return { kind: 'named', workloads: workloads.flatMap((each) => each ?? []) };
  const what = text.trim() === '' ? 'it is empty' : `${quoted(parts[bad] ?? '')} names no workload`;
  return { kind: 'invalid', problem: `annotation ${ROLLOUT_ANNOTATION}: ${what}; ${ALLOWED}` };
}

/** Undefined for an object that asks for nothing. */
export function rolloutRequestOf(externalSecret: ExternalSecret): RolloutRequest | undefined {
  const text = externalSecret.metadata.annotations?.[ROLLOUT_ANNOTATION];
  if (text === undefined) return undefined;
  if (writesSecret(externalSecret)) return parseRequest(text);
  const problem =
    `annotation ${ROLLOUT_ANNOTATION}: Secrets are followed to the pods that use them, and this ExternalSecret writes none ` +
    '(creationPolicy None, or a target of another kind)';
  return { kind: 'invalid', problem };
}

/** Whether this is one of the workloads that a request is about. */
export function concerns(
  request: RolloutRequest,
  secret: string,
  { kind, name, secrets }: Pick<Workload, 'kind' | 'name' | 'secrets'>,
): boolean {
  switch (request.kind) {
    case 'auto':
      return secrets.includes(secret);
    case 'named':
      return request.workloads.some((one) => one.name === name && (one.kind === undefined || one.kind === kind));
    case 'invalid':
      return false;
  }
}
