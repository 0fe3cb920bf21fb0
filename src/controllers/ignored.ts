/** What is done about an ExternalSecret that is not served: nothing to its target, and a word where somebody waits for one. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { ESO_EXTERNAL_SECRET_FINALIZER } from '../api/groups.ts';
import type { Hindrance } from '../domain/plan.ts';
import { DONE, type Next } from '../loop/reconcile.ts';
import type { Events, Statuses } from '../ports/cluster.ts';
import { ClusterUnavailable, KeyturnError } from '../ports/errors.ts';
import { type ExternalSecretStatuses, objectIdentity } from './external-secret-status.ts';
import type { NamespaceLabels } from './namespace-labels.ts';
import { releaseFinalizer } from './upstream-finalizer.ts';

export interface IgnoredOptions {
  readonly status: ExternalSecretStatuses;
  readonly statuses: Statuses;
  readonly events: Events;
  readonly labels: Pick<NamespaceLabels, 'areListed' | 'askWhy'>;
}

export type Ignored = Extract<Hindrance, { kind: 'ignore' }>;

/** Labels that are not there by then are asked for. */
const LABELS_WITHIN_MS = 5_000;

export async function releaseEsoFinalizer(
  subject: Pick<ExternalSecret, 'metadata'>,
  { statuses }: Pick<IgnoredOptions, 'statuses'>,
  signal: AbortSignal,
): Promise<void> {
  const object = objectIdentity(subject);
  await releaseFinalizer(statuses, object, subject.metadata, ESO_EXTERNAL_SECRET_FINALIZER, signal);
}

/** Its namespace brings it back as soon as there are labels: until then somebody has to know why nothing happens. */
async function awaitLabels(
  key: string,
  externalSecret: ExternalSecret,
  question: string,
  { labels, status }: IgnoredOptions,
  signal: AbortSignal,
): Promise<Next> {
  if (labels.areListed) return DONE;
  try {
    await labels.askWhy(signal);
  } catch (error) {
    if (!(error instanceof KeyturnError) || signal.aborted) throw error;
    if (!(error instanceof ClusterUnavailable)) {
      await status.failed(key, externalSecret, { error, field: `${question}, its labels decide` }, signal);
    }
    throw error;
  }
  return { kind: 'after', delayMs: LABELS_WITHIN_MS };
}

export async function leave(
  key: string,
  externalSecret: ExternalSecret,
  ignored: Ignored,
  options: IgnoredOptions,
  signal: AbortSignal,
): Promise<Next> {
  switch (ignored.why) {
    case 'otherClass':
      options.events.record({
        object: objectIdentity(externalSecret),
        type: 'Normal',
        reason: 'OtherControllerClass',
        message: 'left to another operator: the store names another controller class in spec.controller',
      });
      return DONE;
    case 'deleting':
      await releaseEsoFinalizer(externalSecret, options, signal);
      return DONE;
    case 'pendingStore':
      return DONE;
    case 'pendingLabels':
      return await awaitLabels(key, externalSecret, ignored.question, options, signal);
  }
}
