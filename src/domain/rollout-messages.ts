/** What an ExternalSecret is told of its rollouts. Pure. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { CONFIRM_ROLLOUT_ANNOTATION, ROLLOUT_ANNOTATION } from '../api/groups.ts';
import type { Workload } from '../ports/workloads.ts';
import type { ExtraCondition } from './extra-conditions.ts';
import type { Hold } from './rollout-plan.ts';
import type { NamedWorkload } from './rollout-request.ts';
import type { Feed } from './rollout-standing.ts';

/** Names of workloads in a message. */
const MOST_NAMED = 3;

type Named = Pick<Workload, 'kind' | 'name'>;

function quoted({ kind, name }: Named): string {
  return `${kind} "${name}"`;
}

function listed(workloads: readonly Named[]): string {
  const named = workloads.slice(0, MOST_NAMED).map(quoted).join(', ');
  return workloads.length > MOST_NAMED ? `${named} and ${workloads.length - MOST_NAMED} more` : named;
}

function held(reason: string, message: string): ExtraCondition {
  return { status: 'True', reason, message };
}

export function unhealthyHold({ metadata }: Pick<ExternalSecret, 'metadata'>, hold: Hold): ExtraCondition {
  const { feed, failed, waiting } = hold;
  const { version } = feed.mark;
  return held(
    'Unhealthy',
    `${listed(failed)} did not become healthy with version ${version} of Secret "${feed.secret}"; ${waiting} more ` +
      `${waiting === 1 ? 'workload keeps' : 'workloads keep'} the version that they run with, until it is healthy or the ` +
      'Secret gets another version. To go on all the same: ' +
      `kubectl annotate externalsecret ${metadata.name} -n ${metadata.namespace} --overwrite ` +
      `${CONFIRM_ROLLOUT_ANNOTATION}=${version}`,
  );
}

export function invalidHold(problem: string): ExtraCondition {
  return held('InvalidAnnotation', problem);
}

export function failingHold(problem: string): ExtraCondition {
  return held('Failing', problem);
}

export const ROLLOUTS_OFF: ExtraCondition = held(
  'RolloutsOff',
  `annotation ${ROLLOUT_ANNOTATION}: this operator restarts no workloads; start it with --rollouts (KEYTURN_ROLLOUTS=true), ` +
    'and give it the rules of deploy/rollouts-rbac.yaml',
);

export function startedMessage(workload: Named, feeds: readonly Feed[]): string {
  const secrets = [...new Set(feeds.map(({ secret }) => `"${secret}"`))].join(', ');
  return `${quoted(workload)} gets new pods, for another version of Secret ${secrets}`;
}

export function refusedMessage(workload: Named, problem: string): string {
  return `${quoted(workload)} could not be given new pods, and will be tried again: ${problem}`;
}

export function unhealthyMessage(workload: Named, { mark, secret }: Feed): string {
  return `${quoted(workload)} is not healthy with version ${mark.version} of Secret "${secret}"; see its own status and its pods`;
}

export function revertedMessage(workload: Named, { trigger, mark }: Feed): string {
  return (
    `somebody took the annotation ${trigger} from the pod template of ${quoted(workload)} again; it is not set a second ` +
    `time for version ${mark.version}. Let whoever applies the workload leave this annotation alone (docs/rollouts.md)`
  );
}

export function missingMessage({ kind, name }: NamedWorkload): string {
  return `annotation ${ROLLOUT_ANNOTATION}: there is no ${kind ?? 'workload'} "${name}" in this namespace`;
}
