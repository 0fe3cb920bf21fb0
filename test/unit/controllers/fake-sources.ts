/** Secrets Manager in memory: secrets with versions, identities that may read them, and calls that are counted. */

import { refId } from '../../../src/domain/secret-ref.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { KeyturnError, SecretNotFound, SourceUnavailable } from '../../../src/ports/errors.ts';
import { type FindQuery, findMatcher, listingId } from '../../../src/ports/find-query.ts';
import type {
  FindRef,
  FoundSecret,
  FoundSecrets,
  Identity,
  Permits,
  ProbeOutcome,
  SecretReading,
  SecretRef,
  SecretSource,
  SecretSources,
  SourceReader,
  WatchedRef,
} from '../../../src/ports/secret-source.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';

interface Version {
  readonly versionId: string;
  readonly createdAtMs: number;
  readonly value: SecretValue;
}

interface Secret {
  readonly arn: string;
  /** Oldest first. */
  readonly versions: Version[];
  readonly stages: Map<string, Version>;
  tags: Readonly<Record<string, string>>;
  /** So many answers still come from a replica that knows the version before. */
  staleAnswers: number;
}

export interface Call {
  readonly operation: 'read' | 'probe' | 'find' | 'whoAmI';
  readonly identityKey: string;
  /** Of a query its path. */
  readonly keys: readonly string[];
  readonly atMs: number;
}

/** What fails: everything, or what is narrowed down to. */
interface Fault {
  readonly error: KeyturnError;
  readonly key?: string;
  readonly identityKey?: string;
  readonly operation?: Call['operation'];
}

export class FakeAws {
  readonly calls: Call[] = [];
  readonly opened: string[] = [];
  /** How long each call takes. */
  latencyMs = 0;
  /** False as with a policy that allows GetSecretValue only. */
  allowsBatch = true;
  /** True as with a policy that allows DescribeSecret: looks name versions, and not how old they are. */
  labelsOnly = false;
  readonly #clock: Clock;
  readonly #secrets = new Map<string, Secret>();
  #faults: Fault[] = [];
  #made = 0;
  #requests = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes the secret, or gives it a new current version. */
  put(key: string, value: string | Uint8Array): string {
    this.#made += 1;
    const arn = `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${key}-${String(this.#made).padStart(6, '0')}`;
    const secret: Secret = this.#secrets.get(key) ?? {
      arn,
      versions: [],
      stages: new Map(),
      tags: {},
      staleAnswers: 0,
    };
    const version = {
      versionId: `v${this.#made}`,
      createdAtMs: this.#clock.nowMs() + this.#made,
      value: typeof value === 'string' ? SecretValue.fromText(value) : SecretValue.fromBytes(value),
    };
    this.#secrets.set(key, secret);
    secret.versions.push(version);
    this.#moveCurrent(secret, version);
    return version.versionId;
  }

  /** Replaces the tags. */
  tag(key: string, tags: Readonly<Record<string, string>>): void {
    const secret = this.#secrets.get(key);
    if (secret !== undefined) secret.tags = tags;
  }

  /** Moves AWSCURRENT back to the version before, as in a rollback. */
  rollBack(key: string): void {
    const secret = this.#secrets.get(key);
    const previous = secret?.stages.get('AWSPREVIOUS');
    if (secret !== undefined && previous !== undefined) this.#moveCurrent(secret, previous);
  }

  remove(key: string): void {
    this.#secrets.delete(key);
  }

  answerStale(key: string, times: number): void {
    const secret = this.#secrets.get(key);
    if (secret !== undefined) secret.staleAnswers = times;
  }

  fail(error: KeyturnError, where: Omit<Fault, 'error'> = {}): void {
    this.#faults.push({ error, ...where });
  }

  recover(): void {
    this.#faults = [];
  }

  nextRequestId(): string {
    this.#requests += 1;
    return `request-${this.#requests}`;
  }

  count(operation?: Call['operation']): number {
    return this.calls.filter((call) => operation === undefined || call.operation === operation).length;
  }

  forgetCalls(): void {
    this.calls.length = 0;
  }

  sources(): SecretSources {
    const open = new Map<string, FakeSource>();
    const retain = (identityKeys: ReadonlySet<string>) => {
      for (const [key, source] of open) {
        if (identityKeys.has(key)) continue;
        open.delete(key);
        source.close();
      }
    };
    return {
      open: (identity) => {
        const source = open.get(identity.key) ?? this.source(identity);
        if (!open.has(identity.key)) this.opened.push(identity.key);
        open.set(identity.key, source);
        return source;
      },
      retain,
      close: () => retain(new Set()),
    };
  }

  source(identity: Pick<Identity, 'key'>): FakeSource {
    return new FakeSource(this, this.#clock, identity.key);
  }

  faultOf(operation: Call['operation'], identityKey: string, key: string | undefined): KeyturnError | undefined {
    return this.#faults.find(
      (fault) =>
        (fault.operation ?? operation) === operation &&
        (fault.identityKey ?? identityKey) === identityKey &&
        (fault.key === undefined || fault.key === key),
    )?.error;
  }

  /**
   * @param requestId of the call that is answered
   * @throws SecretNotFound
   */
  answer({ key, version }: SecretRef, requestId: string): SecretReading {
    const secret = this.#secrets.get(key) ?? this.#secrets.values().find(({ arn }) => arn === key);
    const detail = { code: 'ResourceNotFoundException', operation: 'GetSecretValue', requestId };
    if (secret === undefined) throw new SecretNotFound(`AWS has no secret "${key}"`, detail);
    if (version.kind === 'tags') {
      const tags = JSON.stringify(secret.tags);
      const value = SecretValue.fromText(tags);
      const versionId = `tags ${tags}`;
      return { value, operation: 'DescribeSecret', requestId, arn: secret.arn, versionId, createdAtMs: 0 };
    }
    let found =
      version.kind === 'stage'
        ? secret.stages.get(version.stage)
        : secret.versions.find(({ versionId }) => versionId === version.versionId);
    if (secret.staleAnswers > 0) {
      secret.staleAnswers -= 1;
      found = secret.stages.get('AWSPREVIOUS') ?? found;
    }
    if (found === undefined) throw new SecretNotFound(`secret "${key}" has no such version`, detail);
    return { arn: secret.arn, ...found, operation: 'GetSecretValue', requestId };
  }

  tagsOf(name: string): ReadonlyMap<string, string> {
    return new Map(Object.entries(this.#secrets.get(name)?.tags ?? {}));
  }

  /** The names of the secrets that match, in order. */
  namesFor(query: FindQuery): readonly string[] {
    const matcher = findMatcher(query);
    return [...this.#secrets]
      .filter(([name, { tags }]) => matcher.matchesName(name) && matcher.matchesTags(new Map(Object.entries(tags))))
      .map(([name]) => name)
      .sort();
  }

  #moveCurrent(secret: Secret, version: Version): void {
    const before = secret.stages.get('AWSCURRENT');
    if (before !== undefined) secret.stages.set('AWSPREVIOUS', before);
    secret.stages.set('AWSCURRENT', version);
  }
}

const FAKE_ARN = 'arn:aws:iam::123456789012:user/keyturn';

export class FakeSource implements SecretSource {
  readonly #aws: FakeAws;
  readonly #clock: Clock;
  readonly #identityKey: string;
  readonly #closed = new AbortController();
  #isKnown = false;
  /** Reads under way: who asks for the same ref meanwhile shares the answer. */
  readonly #reads = new Map<string, Promise<SecretReading>>();

  constructor(aws: FakeAws, clock: Clock, identityKey: string) {
    this.#aws = aws;
    this.#clock = clock;
    this.#identityKey = identityKey;
  }

  get reader(): SourceReader {
    return { arn: this.#isKnown ? FAKE_ARN : undefined, sessionName: undefined, region: 'eu-central-1' };
  }

  get probeBatchSize(): number {
    return this.#aws.allowsBatch ? 20 : 1;
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  canBatch(ref: SecretRef): boolean {
    return ref.version.kind === 'stage' && ref.version.stage === 'AWSCURRENT';
  }

  canDescribe(): boolean {
    return false;
  }

  async read(ref: SecretRef, signal: AbortSignal): Promise<SecretReading> {
    signal.throwIfAborted();
    const shared = this.#reads.get(refId(ref));
    if (shared !== undefined) return await shared;
    const reading = this.#call('read', [ref.key], signal).then((requestId) => this.#answer('read', ref, requestId));
    this.#reads.set(refId(ref), reading);
    try {
      return await reading;
    } finally {
      this.#reads.delete(refId(ref));
    }
  }

  async find(query: FindQuery, signal: AbortSignal, permits?: Permits): Promise<FoundSecrets> {
    const requestId = await this.#call('find', [query.path ?? ''], signal);
    return this.#found('find', query, requestId, permits);
  }

  /** Here every read that is under way is shared anyway. */
  expectReads(): void {}

  /** A listing is one call, as a batch is. */
  async probe(refs: readonly WatchedRef[], signal: AbortSignal): Promise<readonly ProbeOutcome[]> {
    const listings = new Set(refs.flatMap((ref) => ('query' in ref ? listingId(ref.query) : [])));
    if (listings.size > 0 && (listings.size > 1 || refs.some((ref) => !('query' in ref)))) {
      throw new Error('these cannot share a call');
    }
    let requestId: string;
    try {
      requestId = await this.#call(
        'probe',
        refs.map((ref) => ('query' in ref ? (ref.query.path ?? '') : ref.key)),
        signal,
      );
    } catch {
      return refs.map(() => ({ kind: 'failed', error: new SourceUnavailable('cut off') }));
    }
    return refs.map((ref) => {
      try {
        if ('query' in ref) return this.#listed(ref, requestId);
        const { arn, versionId, createdAtMs } = this.#answer('probe', ref, requestId);
        if (this.#aws.labelsOnly) return { kind: 'label', version: { arn, versionId, createdAtMs: undefined } };
        return { kind: 'version', version: { arn, versionId, createdAtMs } };
      } catch (error) {
        if (!(error instanceof KeyturnError)) throw error;
        return { kind: 'failed', error };
      }
    });
  }

  async whoAmI(signal: AbortSignal) {
    await this.#call('whoAmI', [], signal);
    const fault = this.#aws.faultOf('whoAmI', this.#identityKey, undefined);
    if (fault !== undefined) throw fault;
    this.#isKnown = true;
    return { account: '123456789012', arn: FAKE_ARN };
  }

  close(): void {
    this.#closed.abort(new SourceUnavailable('the source is closed'));
  }

  #listed({ query }: FindRef, requestId: string): ProbeOutcome {
    const { version } = this.#found('probe', query, requestId);
    const members = version.members?.map((member) => ({ ...member, createdAtMs: undefined }));
    return { kind: 'label', version: { ...version, createdAtMs: undefined, ...(members && { members }) } };
  }

  /** @throws KeyturnError, also when one of them cannot be read */
  #found(
    operation: 'find' | 'probe',
    query: FindQuery,
    requestId: string,
    permits: Permits = () => true,
  ): FoundSecrets {
    const fault = this.#aws.faultOf(operation, this.#identityKey, query.path ?? '');
    if (fault !== undefined) throw fault;
    const listed = this.#aws.namesFor(query).map((name): FoundSecret => {
      const ref: SecretRef = { key: name, version: { kind: 'stage', stage: 'AWSCURRENT' } };
      return { name, ...this.#aws.answer(ref, requestId) };
    });
    const secrets = listed.filter(({ name, arn }) => permits({ name, arn, tags: this.#aws.tagsOf(name) }));
    if (operation === 'find') {
      for (const { name } of secrets) {
        this.#answer('read', { key: name, version: { kind: 'stage', stage: 'AWSCURRENT' } }, requestId);
      }
    }
    const members = listed.map(({ name, arn, versionId, createdAtMs }) => ({ name, arn, versionId, createdAtMs }));
    const versionId = JSON.stringify(listed.map((secret) => [secret.arn, secret.versionId]));
    const createdAtMs = secrets.reduce((newestMs, secret) => Math.max(newestMs, secret.createdAtMs ?? 0), 0);
    return { version: { arn: '', versionId, createdAtMs, members }, secrets };
  }

  #answer(operation: 'read' | 'probe', ref: SecretRef, requestId: string): SecretReading {
    const fault = this.#aws.faultOf(operation, this.#identityKey, ref.key);
    if (fault !== undefined) throw fault;
    return this.#aws.answer(ref, requestId);
  }

  /** The result is the id of the request. */
  async #call(operation: Call['operation'], keys: readonly string[], signal: AbortSignal): Promise<string> {
    const requestId = this.#aws.nextRequestId();
    const either = AbortSignal.any([signal, this.#closed.signal]);
    either.throwIfAborted();
    this.#aws.calls.push({ operation, identityKey: this.#identityKey, keys, atMs: this.#clock.nowMs() });
    if (this.#aws.latencyMs === 0) return await Promise.resolve(requestId);
    await new Promise<void>((resolve, reject) => {
      const cancel = this.#clock.after(this.#aws.latencyMs, () => {
        either.removeEventListener('abort', cut);
        resolve();
      });
      function cut(): void {
        cancel();
        reject(either.reason);
      }
      either.addEventListener('abort', cut, { once: true });
    });
    return requestId;
  }
}
