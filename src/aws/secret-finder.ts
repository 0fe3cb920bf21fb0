/** Finds the secrets that match a query: lists them, looks at what AWS's filters cannot tell, and reads their values. */

import { hash } from 'node:crypto';
import type { Clock } from '../ports/clock.ts';
import { InvalidSpec, type KeyturnError, SecretNotFound } from '../ports/errors.ts';
import { type FindMatcher, type FindQuery, findId, findMatcher, listingId } from '../ports/find-query.ts';
import type {
  FindRef,
  FoundSecret,
  FoundSecrets,
  FoundVersion,
  Permits,
  ProbeOutcome,
  SecretReading,
  SecretRef,
  SecretVersion,
} from '../ports/secret-source.ts';
import { AwsFault, faultOf } from './aws-fault.ts';
import type { ListedSecret } from './secret-list-page.ts';
import type { SecretLister } from './secret-lister.ts';
import type { Errand } from './secrets-manager-calls.ts';

export interface SecretFinderOptions {
  readonly lister: SecretLister;
  /** @throws KeyturnError */
  readonly read: (ref: SecretRef, signal: AbortSignal) => Promise<SecretReading>;
  readonly clock: Clock;
  readonly translate: (fault: AwsFault, ref: FindRef) => KeyturnError;
}

/** Many times what one Secret can hold, which is 1 MiB: more than this nobody can mean. */
const MOST_MATCHES = 5_000;
const MOST_BYTES = 16 * 1_048_576;
/** Reads of one query that wait at the same time: a few batches, so that the reads of others come in between. */
const READ_AT_ONCE = 100;
/** A listing may not show what has changed in the last five minutes (API_ListSecrets). */
const LISTING_LAG_MS = 6 * 60_000;
const SET_ID_LENGTH = 32;

/** What was read of a query, while AWS's listing told of other versions. */
interface Lag {
  readonly listedId: string;
  readonly readId: string;
  readonly untilMs: number;
}

type Tell = (ref: FindRef, outcome: ProbeOutcome) => void;

/** A query on its way through the pages of a listing. */
interface Search {
  readonly ref: FindRef;
  readonly matcher: FindMatcher;
  /** By name. */
  readonly matches: Map<string, ListedSecret>;
}

export class SecretFinder {
  readonly #options: SecretFinderOptions;
  /** By query; only where the listing lagged at the last read. */
  readonly #lags = new Map<string, Lag>();

  constructor(options: SecretFinderOptions) {
    this.#options = options;
  }

  /** @throws KeyturnError */
  async find(query: FindQuery, abandon: AbortSignal, permits: Permits = () => true): Promise<FoundSecrets> {
    const search = searchFor({ query });
    try {
      await this.#list([search], { cause: 'sync', abandon });
      const listed = matchesOf(search);
      const [permitted, others] = [listed.filter(permits), listed.filter((secret) => !permits(secret))];
      const secrets = await this.#readAll(permitted, abandon);
      const version = readVersion(secrets, others);
      this.#compare(query, setId(listed), version.versionId);
      return { version, secrets };
    } catch (error) {
      throw error instanceof AwsFault ? this.#options.translate(error, { query }) : error;
    }
  }

  /** Tells what a listing says of each, once. Those that one listing serves share it. */
  async probe(refs: readonly FindRef[], tell: Tell, abandon: AbortSignal): Promise<void> {
    const byListing = new Map<string, FindRef[]>();
    for (const ref of refs) {
      const id = listingId(ref.query);
      byListing.set(id, [...(byListing.get(id) ?? []), ref]);
    }
    const errand: Errand = { cause: 'sweep', abandon };
    await Promise.all([...byListing.values()].map((group) => this.#probeGroup(group, tell, errand)));
  }

  async #probeGroup(group: readonly FindRef[], tell: Tell, errand: Errand): Promise<void> {
    const searches = group.flatMap((ref) => trySearchFor(ref, tell) ?? []);
    try {
      await this.#list(searches, errand);
    } catch (error) {
      const fault = faultOf(error);
      for (const { ref } of searches) tell(ref, { kind: 'failed', error: this.#options.translate(fault, ref) });
      return;
    }
    for (const search of searches) tell(search.ref, this.#outcomeOf(search));
  }

  #outcomeOf(search: Search): ProbeOutcome {
    try {
      const listed = matchesOf(search);
      const versionId = this.#asRead(search.ref.query, setId(listed));
      const members = listed.map((secret) => memberOf({ ...secret, createdAtMs: undefined }));
      return { kind: 'label', version: { arn: '', versionId, createdAtMs: undefined, members } };
    } catch (error) {
      return { kind: 'failed', error: this.#options.translate(faultOf(error), search.ref) };
    }
  }

  /**
   * Searches the one listing that serves them all.
   * @throws AwsFault
   */
  async #list(searches: readonly Search[], errand: Errand): Promise<void> {
    const [first] = searches;
    if (first === undefined) return;
    for await (const page of this.#options.lister.pages(first.ref.query, errand)) {
      for (const search of searches) takeMatches(search, page);
    }
  }

  /** In the order of the names. @throws KeyturnError @throws AwsFault when they are too much */
  async #readAll(listed: readonly ListedSecret[], signal: AbortSignal): Promise<readonly FoundSecret[]> {
    const found: FoundSecret[] = [];
    let bytes = 0;
    for (let from = 0; from < listed.length; from += READ_AT_ONCE) {
      const names = listed.slice(from, from + READ_AT_ONCE).map(({ name }) => name);
      const secrets = await this.#readSome(names, signal);
      bytes += secrets.reduce((sum, { value }) => sum + value.byteLength, 0);
      if (bytes > MOST_BYTES) throw new AwsFault({ origin: 'unknown', code: 'TooManyMatches' });
      found.push(...secrets);
    }
    return found;
  }

  /** The first failure in the order of the names is the one that is told, so that it is the same at each try. */
  async #readSome(names: readonly string[], signal: AbortSignal): Promise<readonly FoundSecret[]> {
    const results = await Promise.allSettled(names.map((key) => this.#options.read({ key, version: CURRENT }, signal)));
    return results.flatMap((result, at): readonly FoundSecret[] => {
      if (result.status === 'fulfilled') return [{ ...result.value, name: names[at] ?? '' }];
      // It has gone since it was listed.
      if (result.reason instanceof SecretNotFound) return [];
      throw result.reason;
    });
  }

  /** Remembers that what is listed is what was read, though the listing is not as new. */
  #compare(query: FindQuery, listedId: string, readId: string): void {
    const nowMs = this.#options.clock.nowMs();
    for (const [id, { untilMs }] of this.#lags) if (untilMs <= nowMs) this.#lags.delete(id);
    if (listedId === readId) this.#lags.delete(findId(query));
    else this.#lags.set(findId(query), { listedId, readId, untilMs: nowMs + LISTING_LAG_MS });
  }

  /** What a read gave that began with this very listing, as long as it may lag. */
  #asRead(query: FindQuery, listedId: string): string {
    const lag = this.#lags.get(findId(query));
    return lag?.listedId === listedId && this.#options.clock.nowMs() < lag.untilMs ? lag.readId : listedId;
  }
}

const CURRENT = { kind: 'stage', stage: 'AWSCURRENT' } as const;

/** @throws InvalidSpec */
function searchFor(ref: FindRef): Search {
  return { ref, matcher: findMatcher(ref.query), matches: new Map() };
}

function trySearchFor(ref: FindRef, tell: Tell): Search | undefined {
  try {
    return searchFor(ref);
  } catch (error) {
    if (!(error instanceof InvalidSpec)) throw error;
    tell(ref, { kind: 'failed', error });
    return undefined;
  }
}

function takeMatches({ matcher, matches }: Search, page: readonly ListedSecret[]): void {
  for (const secret of page) {
    // One too many is enough to know that it is too many.
    if (matches.size > MOST_MATCHES) return;
    if (matcher.matchesName(secret.name) && matcher.matchesTags(secret.tags)) matches.set(secret.name, secret);
  }
}

/** In the order of the names. @throws AwsFault when they are too many */
function matchesOf({ matches }: Search): readonly ListedSecret[] {
  if (matches.size > MOST_MATCHES) throw new AwsFault({ origin: 'unknown', code: 'TooManyMatches' });
  return [...matches.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Another one whenever a secret comes, goes, is another one of the same name, or has another current version. */
function setId(secrets: readonly Pick<FoundVersion, 'arn' | 'versionId'>[]): string {
  const pairs = secrets.map(({ arn, versionId }) => [arn, versionId]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return hash('sha256', JSON.stringify(pairs)).slice(0, SET_ID_LENGTH);
}

function memberOf({ name, arn, versionId, createdAtMs }: FoundVersion): FoundVersion {
  return { name, arn, versionId, createdAtMs };
}

/** @param others those that were only listed */
function readVersion(secrets: readonly FoundSecret[], others: readonly ListedSecret[]): SecretVersion {
  const createdAtMs = secrets.reduce((newestMs, secret) => Math.max(newestMs, secret.createdAtMs ?? 0), 0);
  const members = [...secrets, ...others.map((secret) => ({ ...secret, createdAtMs: undefined }))].map(memberOf);
  return { arn: '', versionId: setId(members), createdAtMs, members };
}
