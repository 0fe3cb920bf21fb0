/** What an ExternalSecret is told of the pods that use its Secret. Pure. */

import { CONSUMPTION_ANNOTATION } from '../api/groups.ts';
import type { SecretConsumptionStatus } from '../api/secret-consumption.ts';
import type { ExtraCondition } from './extra-conditions.ts';

const MOST_NAMED = 3;

function pods(count: number): string {
  return count === 1 ? '1 running pod' : `${count} running pods`;
}

export function safeToRevoke(name: string, status: SecretConsumptionStatus): ExtraCondition {
  const { secret = '', version = '', since, earlier = 0 } = status;
  const where = `kubectl get secretconsumption ${name} -o yaml`;
  if (earlier === 0) {
    const message =
      `no running pod of this namespace holds an earlier version of Secret "${secret}" than ${version}, which it has since ` +
      `${since} (${where})`;
    return { status: 'True', reason: 'NoPodHoldsPrevious', message };
  }
  const names = (status.pods ?? []).slice(0, Math.min(earlier, MOST_NAMED)).map((pod) => `"${pod.name}"`);
  const more = earlier > names.length ? ` and ${earlier - names.length} more` : '';
  const message = `${pods(earlier)} may hold an earlier version of Secret "${secret}" than ${version}: ${names.join(', ')}${more} (${where})`;
  return { status: 'False', reason: 'PodsHoldPrevious', message };
}

export function consumptionUnknown(problem: string): ExtraCondition {
  return { status: 'Unknown', reason: 'PodsNotListed', message: problem };
}

/** Of an ExternalSecret that writes no Secret. */
export const NO_SECRET: ExtraCondition = {
  status: 'Unknown',
  reason: 'NoSecret',
  message:
    `annotation ${CONSUMPTION_ANNOTATION}: it asks for the pods that use the Secret, and this ExternalSecret writes none ` +
    '(creationPolicy None, or a target of another kind)',
};

export const CONSUMPTION_OFF: ExtraCondition = {
  status: 'Unknown',
  reason: 'ConsumptionOff',
  message:
    `annotation ${CONSUMPTION_ANNOTATION}: this operator looks at no pods; start it with --consumption (KEYTURN_CONSUMPTION=true), ` +
    'and give it the rules of deploy/consumption-rbac.yaml; until then a SecretConsumption of the same name tells nothing new',
};
