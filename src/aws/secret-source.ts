/** One identity at AWS Secrets Manager: its clients, its calls, and what is known of it. */

import type { Clock } from '../ports/clock.ts';
import { type KeyturnError, SourceUnavailable } from '../ports/errors.ts';
import type { Metrics } from '../ports/metrics.ts';
import type {
  CallerIdentity,
  Identity,
  ProbeOutcome,
  SecretReading,
  SecretRef,
  SecretSource,
} from '../ports/secret-source.ts';
import { AwsCaller } from './aws-caller.ts';
import { AwsFault } from './aws-fault.ts';
import { CallerIdentityCache } from './caller-identity-cache.ts';
import { type CredentialsProvider, describeCredentials, providerOf } from './credentials.ts';
import type { EndpointOverrides } from './endpoints.ts';
import { toKeyturnError } from './errors.ts';
import type { QuotaGuard } from './quota-guard.ts';
import { ReadBatcher } from './read-batcher.ts';
import { createSdkClients, type SdkClients } from './sdk-clients.ts';
import { type FetchOutcome, SecretFetcher } from './secret-fetcher.ts';

export interface AwsSecretSourceOptions {
  readonly identity: Identity;
  readonly defaultChain: CredentialsProvider;
  readonly endpoints: EndpointOverrides;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly quotas: QuotaGuard;
  readonly deadlineMs: number;
  readonly concurrency: number;
}

/** Every ref of a group is told an outcome; should one not be, the others keep their places. */
const UNANSWERED: ProbeOutcome = {
  kind: 'failed',
  error: new SourceUnavailable('AWS left a secret out of its answer.'),
};

export class AwsSecretSource implements SecretSource {
  readonly #clients: SdkClients;
  readonly #caller: AwsCaller;
  readonly #whoAmI: CallerIdentityCache;
  readonly #fetcher: SecretFetcher;
  readonly #batcher: ReadBatcher;

  constructor(options: AwsSecretSourceOptions) {
    const { identity, defaultChain, clock, quotas } = options;
    const quotaScope = () => `${this.#whoAmI.known?.account ?? identity.key}@${identity.region}`;
    const caller = new AwsCaller({ ...options, region: identity.region });
    this.#caller = caller;
    this.#clients = createSdkClients({
      ...options,
      region: identity.region,
      credentials: providerOf(identity.credentials, defaultChain),
      turn: (operation) => quotas.take(quotaScope(), operation),
    });
    const translate = this.#translator(options);
    this.#whoAmI = new CallerIdentityCache({
      client: this.#clients.sts,
      caller,
      clock,
      translate: (fault) => translate(fault, undefined),
    });
    const fetcher = new SecretFetcher({
      client: this.#clients.secretsManager,
      caller,
      clock,
      region: identity.region,
      account: () => this.#whoAmI.known?.account,
      translate,
    });
    this.#fetcher = fetcher;
    this.#batcher = new ReadBatcher({
      clock,
      tooBusy: (ref) => translate(new AwsFault({ origin: 'deadline', code: 'NoFreeSlot' }), ref),
      hasFreeSlot: () => caller.hasFreeSlot,
      batchSize: () => fetcher.batchSize,
      batchWaitMs: () => quotas.waitMs(quotaScope(), 'BatchGetSecretValue'),
      nextGroup: (refs) => fetcher.nextGroup(refs),
      fetch: (group, tell, abandon) => fetcher.fetch(group, tell, abandon),
    });
    caller.onSlotFree(() => this.#batcher.onSlotFree());
  }

  get probeBatchSize(): number {
    return this.#fetcher.batchSize;
  }

  canBatch(ref: SecretRef): boolean {
    return this.#fetcher.canBatch(ref);
  }

  async read(ref: SecretRef, signal: AbortSignal): Promise<SecretReading> {
    return this.#batcher.read(ref, signal);
  }

  expectReads(ref: SecretRef, count: number): void {
    this.#batcher.expect(ref, count);
  }

  async probe(refs: readonly SecretRef[], signal: AbortSignal): Promise<readonly ProbeOutcome[]> {
    const outcomes = new Map<SecretRef, ProbeOutcome>();
    const unasked = new Set(refs);
    const calls: Promise<void>[] = [];
    while (unasked.size > 0) {
      const group = this.#fetcher.nextGroup(unasked);
      for (const ref of group) unasked.delete(ref);
      calls.push(this.#fetcher.fetch(group, (ref, outcome) => outcomes.set(ref, withoutValue(outcome)), signal));
    }
    await Promise.all(calls);
    return refs.map((ref) => outcomes.get(ref) ?? UNANSWERED);
  }

  whoAmI(signal: AbortSignal): Promise<CallerIdentity> {
    return this.#whoAmI.ask(signal);
  }

  /** Ends what is under way and closes the connections. */
  close(): void {
    this.#caller.close();
    this.#batcher.close();
    this.#clients.destroy();
  }

  #translator({ identity, deadlineMs }: AwsSecretSourceOptions) {
    const { region } = identity;
    const credentialsFrom = describeCredentials(identity.credentials);
    return (fault: AwsFault, ref: SecretRef | undefined): KeyturnError => {
      const call =
        ref === undefined
          ? { service: 'AWS STS', action: 'sts:GetCallerIdentity' }
          : { service: 'AWS Secrets Manager', action: 'secretsmanager:GetSecretValue' };
      return toKeyturnError(fault, {
        ...call,
        ref,
        region,
        deadlineMs,
        credentialsFrom,
        principal: this.#whoAmI.known?.arn,
      });
    };
  }
}

function withoutValue(outcome: FetchOutcome): ProbeOutcome {
  if (outcome.kind === 'failed') return outcome;
  const { arn, versionId, createdAtMs } = outcome.reading;
  return { kind: 'version', version: { arn, versionId, createdAtMs } };
}
