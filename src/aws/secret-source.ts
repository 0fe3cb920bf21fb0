/** One identity at AWS Secrets Manager: its clients, its calls, and what is known of it. */

import type { Audit } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import { type KeyturnError, SourceUnavailable } from '../ports/errors.ts';
import type { FindQuery } from '../ports/find-query.ts';
import type { Metrics } from '../ports/metrics.ts';
import type {
  CallerIdentity,
  FindRef,
  FoundSecrets,
  Identity,
  Permits,
  ProbeOutcome,
  SecretReading,
  SecretRef,
  SecretSource,
  SourceReader,
  WatchedRef,
} from '../ports/secret-source.ts';
import { AwsCaller } from './aws-caller.ts';
import { AwsFault } from './aws-fault.ts';
import { CallerIdentityCache } from './caller-identity-cache.ts';
import { type CredentialsProvider, describeCredentials, openCredentials, roleOf, subjectOf } from './credentials.ts';
import type { EndpointOverrides } from './endpoints.ts';
import { toKeyturnError } from './errors.ts';
import { FindCalls } from './find-calls.ts';
import { misplaced } from './misplaced-key.ts';
import { Pace } from './pace.ts';
import type { QuotaGuard } from './quota-guard.ts';
import { ReadBatcher } from './read-batcher.ts';
import type { RoleSession } from './role-session.ts';
import { createSdkClients, type SdkClients } from './sdk-clients.ts';
import { SecretDescriber } from './secret-describer.ts';
import { SecretFetcher } from './secret-fetcher.ts';
import { SecretFinder } from './secret-finder.ts';
import { SecretLister } from './secret-lister.ts';
import { SecretsManagerCalls } from './secrets-manager-calls.ts';
import { readerOf } from './source-reader.ts';
import { VersionProber } from './version-prober.ts';

export interface AwsSecretSourceOptions {
  readonly identity: Identity;
  readonly defaultChain: CredentialsProvider;
  readonly endpoints: EndpointOverrides;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly quotas: QuotaGuard;
  /** @default nothing is recorded */
  readonly audit?: Audit | undefined;
  readonly deadlineMs: number;
  readonly concurrency: number;
}

/** Every ref of a group is told an outcome; should one not be, the others keep their places. */
const UNANSWERED: ProbeOutcome = {
  kind: 'failed',
  error: new SourceUnavailable('AWS left a secret out of its answer.'),
};

/** Stores are validated one by one, and those of an identity ask once. */
const STS_CONCURRENCY = 1;

export class AwsSecretSource implements SecretSource {
  readonly #identity: Identity;
  readonly #credentials: RoleSession;
  readonly #clients: SdkClients;
  readonly #caller: AwsCaller;
  /** Of its own: who we are can be asked while Secrets Manager throttles or hangs. */
  readonly #stsCaller: AwsCaller;
  readonly #whoAmI: CallerIdentityCache;
  readonly #prober: VersionProber;
  readonly #batcher: ReadBatcher;
  readonly #finder: SecretFinder;
  readonly #finds: FindCalls;

  constructor(options: AwsSecretSourceOptions) {
    const { identity, defaultChain, clock, quotas } = options;
    const { region } = identity;
    this.#identity = identity;
    const quotaScope = () => `${this.#whoAmI.known?.account ?? identity.key}@${region}`;
    const pace = new Pace(clock);
    const caller = new AwsCaller({ ...options, region, pace });
    this.#caller = caller;
    this.#stsCaller = new AwsCaller({ ...options, region, concurrency: STS_CONCURRENCY });
    this.#credentials = openCredentials(identity, defaultChain, {
      region,
      endpoint: options.endpoints.sts,
      clock,
      metrics: options.metrics,
    });
    this.#clients = createSdkClients({
      ...options,
      region,
      credentials: this.#credentials.provider,
      retry: identity.retry,
      turn: (operation) => quotas.take(quotaScope(), operation),
      pace,
    });
    const translate = this.#translator(options);
    this.#whoAmI = new CallerIdentityCache({
      client: this.#clients.sts,
      caller: this.#stsCaller,
      clock,
      translate: (fault) => translate(fault, undefined),
    });
    const client = this.#clients.secretsManager;
    const calls = new SecretsManagerCalls({ client, caller, audit: options.audit, reader: () => this.reader });
    const describer = new SecretDescriber({ calls, clock });
    const account = () => this.#whoAmI.known?.account;
    const fetcher = new SecretFetcher({ calls, describer, clock, region, account, translate });
    this.#prober = new VersionProber({ fetcher, describer, translate });
    this.#batcher = new ReadBatcher({
      clock,
      tooBusy: (ref) => translate(pace.heldBackBy ?? new AwsFault({ origin: 'deadline', code: 'NoFreeSlot' }), ref),
      hasFreeSlot: () => caller.hasFreeSlot,
      batchSize: () => fetcher.batchSize,
      batchWaitMs: () => quotas.waitMs(quotaScope(), 'BatchGetSecretValue'),
      nextGroup: (refs) => fetcher.nextGroup(refs),
      fetch: (group, tell, abandon) => fetcher.fetch(group, tell, { cause: 'sync', abandon }),
    });
    const lister = new SecretLister(calls);
    this.#finder = new SecretFinder({ lister, read: (ref, signal) => this.read(ref, signal), clock, translate });
    this.#finds = new FindCalls({ clock, find: (...asked) => this.#finder.find(...asked) });
    caller.onSlotFree(() => this.#batcher.onSlotFree());
  }

  get reader(): SourceReader {
    return readerOf(this.#identity, this.#whoAmI.known);
  }

  get probeBatchSize(): number {
    return this.#prober.probeBatchSize;
  }

  canBatch(ref: SecretRef): boolean {
    return this.#prober.canBatch(ref);
  }

  canDescribe(ref: SecretRef): boolean {
    return this.#prober.canDescribe(ref);
  }

  async read(ref: SecretRef, signal: AbortSignal): Promise<SecretReading> {
    const refusal = misplaced(ref, this.#identity.region);
    if (refusal !== undefined) throw refusal;
    return this.#batcher.read(ref, signal);
  }

  find(query: FindQuery, signal: AbortSignal, permits?: Permits): Promise<FoundSecrets> {
    return this.#finds.find(query, signal, permits);
  }

  expectReads(ref: WatchedRef, count: number): void {
    if ('query' in ref) this.#finds.expect(ref.query, count);
    else this.#batcher.expect(ref, count);
  }

  async probe(refs: readonly WatchedRef[], signal: AbortSignal): Promise<readonly ProbeOutcome[]> {
    const outcomes = new Map<WatchedRef, ProbeOutcome>();
    const tell = (ref: WatchedRef, outcome: ProbeOutcome) => void outcomes.set(ref, outcome);
    const secrets: SecretRef[] = [];
    const finds: FindRef[] = [];
    for (const ref of refs) {
      if ('query' in ref) finds.push(ref);
      else {
        const error = misplaced(ref, this.#identity.region);
        if (error === undefined) secrets.push(ref);
        else tell(ref, { kind: 'failed', error });
      }
    }
    await Promise.all([this.#prober.probe(secrets, tell, signal), this.#finder.probe(finds, tell, signal)]);
    return refs.map((ref) => outcomes.get(ref) ?? UNANSWERED);
  }

  whoAmI(signal: AbortSignal): Promise<CallerIdentity> {
    return this.#whoAmI.ask(signal);
  }

  /** Ends what is under way and closes the connections. */
  close(): void {
    this.#caller.close();
    this.#stsCaller.close();
    this.#finds.close();
    this.#batcher.close();
    this.#clients.destroy();
    this.#credentials.close();
  }

  #translator({ identity, deadlineMs }: AwsSecretSourceOptions) {
    const { region } = identity;
    const credentialsFrom = describeCredentials(identity);
    const subject = subjectOf(identity);
    const role = roleOf(identity);
    return (fault: AwsFault, ref: WatchedRef | undefined): KeyturnError => {
      return toKeyturnError(fault, {
        ...callAbout(ref),
        ref: ref === undefined || 'query' in ref ? undefined : ref,
        region,
        deadlineMs,
        credentialsFrom,
        subject,
        role,
        principal: this.#whoAmI.known?.arn,
      });
    };
  }
}

function callAbout(ref: WatchedRef | undefined): { readonly service: string; readonly action: string } {
  if (ref === undefined) return { service: 'AWS STS', action: 'sts:GetCallerIdentity' };
  const operation = 'query' in ref ? 'ListSecrets' : ref.version.kind === 'tags' ? 'DescribeSecret' : 'GetSecretValue';
  return { service: 'AWS Secrets Manager', action: `secretsmanager:${operation}` };
}
