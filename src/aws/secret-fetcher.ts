/** Fetches the values of some refs with as few calls as AWS and the identity's permissions allow. */

import { BatchGetSecretValueCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../ports/clock.ts';
import { InvalidCredentials, type KeyturnError } from '../ports/errors.ts';
import { isWellFormedKey, parseSecretArn, possibleNames } from '../ports/secret-arn.ts';
import type { SecretReading, SecretRef } from '../ports/secret-source.ts';
import { sourceMayRecover } from '../ports/source-recovery.ts';
import { type AwsFault, faultOf } from './aws-fault.ts';
import { denies } from './aws-text.ts';
import { Permission } from './permission.ts';
import type { SecretDescriber } from './secret-describer.ts';
import { type BatchPage, readBatchPage, readSecretReply, type SecretReply } from './secret-reply.ts';
import type { Errand, SecretsManagerCalls } from './secrets-manager-calls.ts';

/** What became of one ref. */
export type FetchOutcome =
  | { readonly kind: 'read'; readonly reading: SecretReading }
  | { readonly kind: 'failed'; readonly error: KeyturnError };

export type TellOutcome = (ref: SecretRef, outcome: FetchOutcome) => void;

export interface SecretFetcherOptions {
  readonly calls: SecretsManagerCalls;
  readonly describer: SecretDescriber;
  readonly clock: Clock;
  readonly region: string;
  /** The account of the identity; undefined while it is not known. */
  readonly account: () => string | undefined;
  /** Translates what a call about `ref` came to. */
  readonly translate: (fault: AwsFault, ref: SecretRef) => KeyturnError;
}

/** AWS's own limit of ids in one BatchGetSecretValue. */
const LARGEST_BATCH = 20;
/** 20 ids give at most 20 non-empty pages; more means that the token leads nowhere. */
const MOST_PAGES = 25;
const CURRENT = 'AWSCURRENT';

export class SecretFetcher {
  readonly #options: SecretFetcherOptions;
  readonly #batchPermission: Permission;

  constructor(options: SecretFetcherOptions) {
    this.#options = options;
    this.#batchPermission = new Permission(options.clock);
  }

  /** How many refs a batch holds just now: 1 while the identity is known not to have the permission. */
  get batchSize(): number {
    return this.#batchPermission.isDenied ? 1 : LARGEST_BATCH;
  }

  /** True for a ref that can share a call. */
  canBatch(ref: SecretRef): boolean {
    return !this.#batchPermission.isDenied && this.hasBatchForm(ref);
  }

  /**
   * True for a ref that a batch can have, if the identity may use it. A batch gives current versions only, does not
   * cross accounts or regions, and is refused whole for one malformed id.
   */
  hasBatchForm({ key, version }: SecretRef): boolean {
    if (!isWellFormedKey(key)) return false;
    if (version.kind !== 'stage' || version.stage !== CURRENT) return false;
    const arn = parseSecretArn(key);
    if (arn === undefined) return !key.startsWith('arn:');
    const account = this.#options.account();
    return arn.region === this.#options.region && (account === undefined || arn.account === account);
  }

  /**
   * Takes from the front of `refs` those that fit into one call. AWS refuses a batch that names a secret twice,
   * so spellings that may mean one secret go into different calls.
   */
  nextGroup(refs: Iterable<SecretRef>): readonly SecretRef[] {
    const group: SecretRef[] = [];
    const names = new Set<string>();
    for (const ref of refs) {
      if (!this.canBatch(ref)) {
        if (group.length === 0) return [ref];
        continue;
      }
      const possible = possibleNames(ref.key);
      if (possible.some((name) => names.has(name))) continue;
      for (const name of possible) names.add(name);
      group.push(ref);
      if (group.length === LARGEST_BATCH) break;
    }
    return group;
  }

  /** Fetches a group of {@link nextGroup}: tells the outcome of each of its refs, once, as soon as it is known. */
  async fetch(group: readonly SecretRef[], tell: TellOutcome, errand: Errand): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    if (group.length === 1) return this.#fetchSingle(first, tell, errand);
    let pages: readonly BatchPage[];
    try {
      pages = await this.#batch(group, errand);
    } catch (error) {
      return this.#afterFailedBatch(group, faultOf(error), tell, errand);
    }
    const unanswered: SecretRef[] = [];
    for (const ref of group) {
      const reply = this.#answer(pages, ref);
      if (reply === undefined) unanswered.push(ref);
      else this.#tellReply(ref, reply, tell);
    }
    await this.fetchSingles(unanswered, tell, errand);
  }

  /** What hinders single calls as well is everybody's outcome; after anything else the refs are asked one by one. */
  async #afterFailedBatch(
    group: readonly SecretRef[],
    fault: AwsFault,
    tell: TellOutcome,
    errand: Errand,
  ): Promise<void> {
    const { translate } = this.#options;
    const errors = group.map((ref) => ({ ref, error: translate(fault, ref) }));
    if (errors.some(({ error }) => hindersAll(error))) {
      for (const { ref, error } of errors) tell(ref, { kind: 'failed', error });
      return;
    }
    if (denies(fault, 'BatchGetSecretValue')) this.#batchPermission.deny();
    await this.fetchSingles(group, tell, errand);
  }

  /** Asks for each ref by a call of its own, and tells its outcome. */
  async fetchSingles(refs: readonly SecretRef[], tell: TellOutcome, errand: Errand): Promise<void> {
    await Promise.all(refs.map((ref) => this.#fetchSingle(ref, tell, errand)));
  }

  async #fetchSingle(ref: SecretRef, tell: TellOutcome, errand: Errand): Promise<void> {
    try {
      this.#tellReply(ref, await this.#ask(ref, errand), tell);
    } catch (error) {
      this.#tellReply(ref, { kind: 'fault', fault: faultOf(error) }, tell);
    }
  }

  /** @throws AwsFault */
  async #ask({ key, version }: SecretRef, errand: Errand): Promise<SecretReply> {
    const { calls, describer } = this.#options;
    if (version.kind === 'tags') return { kind: 'read', reading: (await describer.describe(key, errand)).tags };
    const which = version.kind === 'id' ? { VersionId: version.versionId } : { VersionStage: version.stage };
    const command = new GetSecretValueCommand({ SecretId: key, ...which });
    return readSecretReply(await calls.ask('GetSecretValue', command, errand));
  }

  async #batch(group: readonly SecretRef[], errand: Errand): Promise<readonly BatchPage[]> {
    const SecretIdList = group.map((ref) => ref.key);
    const pages: BatchPage[] = [];
    let NextToken: string | undefined;
    do {
      const command = new BatchGetSecretValueCommand({ SecretIdList, ...(NextToken !== undefined && { NextToken }) });
      const page = readBatchPage(await this.#options.calls.ask('BatchGetSecretValue', command, errand));
      pages.push(page);
      NextToken = page.nextToken;
    } while (NextToken !== undefined && pages.length < MOST_PAGES);
    return pages;
  }

  #tellReply(ref: SecretRef, reply: SecretReply, tell: TellOutcome): void {
    tell(ref, reply.kind === 'read' ? reply : { kind: 'failed', error: this.#options.translate(reply.fault, ref) });
  }

  /**
   * The batch's answer to a ref, if it can stand: while our own account is not known, an ARN may be another account's,
   * and then a refusal by the batch says nothing.
   */
  #answer(pages: readonly BatchPage[], { key }: SecretRef): SecretReply | undefined {
    for (const page of pages) {
      const reply = page.answerTo(key);
      if (reply?.kind === 'fault' && key.startsWith('arn:') && this.#options.account() === undefined) return undefined;
      if (reply !== undefined) return reply;
    }
    return undefined;
  }
}

/** True for a failure that any other call would meet as well. */
export function hindersAll(error: KeyturnError): boolean {
  return sourceMayRecover(error) || error instanceof InvalidCredentials;
}
