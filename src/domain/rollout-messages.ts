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

function versionOf({ mark, secret }: Feed): string {
  return `version ${mark.version} of Secret "${secret}"`;
}

/** Those that wait for it, and how they go on. */
function othersWait({ metadata }: Pick<ExternalSecret, 'metadata'>, { feed, waiting }: Hold, until: string): string {
  if (waiting === 0) return '';
  return (
    `; ${waiting} more ${waiting === 1 ? 'workload keeps' : 'workloads keep'} the version that they run with, until ${until} or ` +
    'the Secret gets another version. To go on all the same: ' +
    `kubectl annotate externalsecret ${metadata.name} -n ${metadata.namespace} --overwrite ` +
    `${CONFIRM_ROLLOUT_ANNOTATION}=${feed.mark.version}`
  );
}

function restartCommand({ kind, namespace, name }: Workload): string {
  // kubectl does not know Argo's.
  const plugin = kind === 'Rollout' ? 'argo rollouts restart ' : `rollout restart ${kind.toLowerCase()}/`;
  return `kubectl ${plugin}${name} -n ${namespace}`;
}

/** Why its workloads do not have what its Secret has, and what to do. */
export function holdCondition(externalSecret: Pick<ExternalSecret, 'metadata'>, hold: Hold): ExtraCondition {
  const { feed, failed, reverted, paused, behind, waiting } = hold;
  const ofSecret = versionOf(feed);
  const [first] = reverted;
  const [other] = behind;
  if (other !== undefined) {
    const keep =
      waiting === 1
        ? '1 workload keeps the version that it runs'
        : `${waiting} workloads keep the version that they run`;
    const message = `${keep} with, and would get ${ofSecret} together with ${versionOf(other)}, which is held: see ExternalSecret "${other.name}"`;
    return held('OtherSecret', message);
  }
  if (failed.length > 0) {
    const others = othersWait(externalSecret, hold, 'it is healthy');
    return held('Unhealthy', `${listed(failed)} did not become healthy with ${ofSecret}${others}`);
  }
  if (first !== undefined) {
    const others = othersWait(externalSecret, hold, 'they do');
    const message =
      `somebody took the annotation ${feed.trigger} from the pod template of ${listed(reverted)} again, and pods of it still ` +
      `do not have ${ofSecret}. Where it was not meant: ${restartCommand(first)}, and let whoever applies the workload ` +
      `leave this annotation alone (docs/rollouts.md)${others}`;
    return held('Reverted', message);
  }
  const others = othersWait(externalSecret, hold, 'it goes on and is healthy');
  return held(
    'Paused',
    `${listed(paused)} is to be the first with ${ofSecret}, and is paused or waits for approval${others}`,
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

export function unhealthyMessage(workload: Named, feed: Feed): string {
  return `${quoted(workload)} is not healthy with ${versionOf(feed)}; see its own status and its pods`;
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
