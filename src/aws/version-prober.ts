/** Asks which versions there are, with as few calls as AWS and the identity's permissions allow. */

import { type KeyturnError, SecretNotFound } from '../ports/errors.ts';
import type { ProbeOutcome, ProbeSharing, SecretRef } from '../ports/secret-source.ts';
import type { AwsFault } from './aws-fault.ts';
import { faultOf } from './aws-fault.ts';
import type { SecretDescriber } from './secret-describer.ts';
import type { SecretDescription } from './secret-description.ts';
import { type FetchOutcome, hindersAll, type SecretFetcher } from './secret-fetcher.ts';
import type { Errand } from './secrets-manager-calls.ts';

export interface VersionProberOptions {
  readonly fetcher: SecretFetcher;
  readonly describer: SecretDescriber;
  readonly translate: (fault: AwsFault, ref: SecretRef) => KeyturnError;
}

type Tell = (ref: SecretRef, outcome: ProbeOutcome) => void;

/**
 * The label is put on a version before the version is made; whether there is one, a read tells
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html, VersionIdsToStages).
 */
const PENDING = 'AWSPENDING';

export class VersionProber implements ProbeSharing {
  readonly #options: VersionProberOptions;

  constructor(options: VersionProberOptions) {
    this.#options = options;
  }

  get probeBatchSize(): number {
    return this.#options.fetcher.batchSize;
  }

  canBatch(ref: SecretRef): boolean {
    return this.#options.fetcher.canBatch(ref);
  }

  /**
   * What only the denial of batches keeps from sharing one is described only by an identity that is known to be allowed
   * to: the others have a policy for GetSecretValue and nothing else.
   */
  canDescribe(ref: SecretRef): boolean {
    const { fetcher, describer } = this.#options;
    const { permission } = describer;
    if (permission.isDenied || fetcher.canBatch(ref)) return false;
    if (ref.version.kind === 'stage' && ref.version.stage === PENDING) return false;
    return permission.isGranted || !fetcher.hasBatchForm(ref);
  }

  /** Tells an outcome for each ref, once. */
  async probe(refs: readonly SecretRef[], tell: Tell, abandon: AbortSignal): Promise<void> {
    const { fetcher } = this.#options;
    const described = new Map<string, SecretRef[]>();
    const unasked = new Set<SecretRef>();
    for (const ref of refs) {
      if (ref.version.kind !== 'tags' && !this.canDescribe(ref)) unasked.add(ref);
      else described.set(ref.key, [...(described.get(ref.key) ?? []), ref]);
    }
    const errand: Errand = { cause: 'sweep', abandon };
    const calls = [...described].map(([key, group]) => this.#describe(key, group, tell, errand));
    while (unasked.size > 0) {
      const group = fetcher.nextGroup(unasked);
      for (const ref of group) unasked.delete(ref);
      calls.push(fetcher.fetch(group, withoutValue(tell), errand));
    }
    await Promise.all(calls);
  }

  async #describe(key: string, group: readonly SecretRef[], tell: Tell, errand: Errand): Promise<void> {
    const { describer, fetcher } = this.#options;
    let unanswered: readonly SecretRef[];
    try {
      unanswered = answer(group, await describer.describe(key, errand), tell);
    } catch (error) {
      unanswered = this.#afterFault(group, faultOf(error), tell);
    }
    await fetcher.fetchSingles(unanswered, withoutValue(tell), errand);
  }

  /** Tells those for whom the fault is the last word; the result are the others, whose value can be asked for instead. */
  #afterFault(group: readonly SecretRef[], fault: AwsFault, tell: Tell): readonly SecretRef[] {
    return group.filter((ref) => {
      const error = this.#options.translate(fault, ref);
      const isFinal = ref.version.kind === 'tags' || hindersAll(error) || error instanceof SecretNotFound;
      if (isFinal) tell(ref, { kind: 'failed', error });
      return !isFinal;
    });
  }
}

/** Tells what the description says; the result are the refs of which it says nothing. */
function answer(group: readonly SecretRef[], description: SecretDescription, tell: Tell): readonly SecretRef[] {
  const { arn, tags } = description;
  return group.filter((ref) => {
    const versionId = description.versionIdOf(ref.version);
    if (ref.version.kind === 'tags') {
      tell(ref, { kind: 'version', version: { arn, versionId: tags.versionId, createdAtMs: tags.createdAtMs } });
    } else if (versionId !== undefined) {
      tell(ref, { kind: 'label', version: { arn, versionId, createdAtMs: undefined } });
    } else return true;
    return false;
  });
}

function withoutValue(tell: Tell): (ref: SecretRef, outcome: FetchOutcome) => void {
  return (ref, outcome) => {
    if (outcome.kind === 'failed') tell(ref, outcome);
    else {
      const { arn, versionId, createdAtMs } = outcome.reading;
      tell(ref, { kind: 'version', version: { arn, versionId, createdAtMs } });
    }
  };
}
