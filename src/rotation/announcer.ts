/** Takes rotation events to those whom they concern, and knows when these have nothing left to do. */

import type { SourceName } from '../domain/references.ts';
import { refId } from '../domain/secret-ref.ts';
import { type Announced, isSameVersion } from '../domain/version-order.ts';
import type { Clock } from '../ports/clock.ts';
import { parseSecretArn } from '../ports/secret-arn.ts';
import type { FindRef, FoundVersion, SecretVersion } from '../ports/secret-source.ts';
import type { EventSecret, RotationEvent } from './rotation-event.ts';
import type { RotationTarget } from './rotation-target.ts';
import type { TrackedSecret, VersionIndex } from './version-index.ts';

export interface AnnouncerOptions {
  readonly index: VersionIndex;
  readonly clock: Clock;
  /** The version that a user's target was last written from. */
  readonly written: (user: string, source: SourceName) => SecretVersion | undefined;
  /** Whether a user has been told of a failure of its own, which only somebody's doing can end. */
  readonly isStuck: (user: string) => boolean;
  /** Whether a user does not ask AWS before a time that is set, and does then whatever has moved. */
  readonly awaitsWindow: (user: string) => boolean;
  /** Says that a secret is about to be read by so many users. */
  readonly expectReads: (secret: Pick<TrackedSecret, 'identityKey' | 'ref'>, count: number) => void;
  /** Makes users look at their secrets. */
  readonly wake: (users: readonly string[]) => void;
}

/** The account and region are those of the event; a secret that was never seen may be anybody's. */
function isAtHome({ version }: TrackedSecret, { account, region }: EventSecret): boolean {
  const arn = version?.members?.at(0)?.arn ?? version?.arn;
  const home = arn === undefined ? undefined : parseSecretArn(arn);
  return home === undefined || (home.account === account && home.region === region);
}

const CURRENT = 'AWSCURRENT';

/** Whether the label that a secret is followed by may have moved, or its tags may be others. */
function isAffected({ ref, version: known }: TrackedSecret, event: RotationEvent): boolean {
  const { kind, moves } = event;
  if (kind === 'rotationFailed') return false;
  if ('query' in ref) return mayFindOthers(ref, known, event);
  const { version } = ref;
  if (version.kind === 'id') return false;
  if (kind === 'deleted' || kind === 'restored') return true;
  return version.kind === 'tags' ? kind === 'tagged' : moves.some(({ stage }) => stage === version.stage);
}

/** Whether a secret that a query matches by name may have another value, or be found or not be found any more. */
function mayFindOthers({ query }: FindRef, known: SecretVersion | undefined, event: RotationEvent): boolean {
  switch (event.kind) {
    case 'tagged':
      return Object.keys(query.tags ?? {}).length > 0;
    case 'deleted':
      return known?.members === undefined || memberIn(known, event.secret) !== undefined;
    case 'restored':
      return true;
    default:
      // A new secret is told of like a new version of one.
      return event.moves.some(({ stage }) => stage === CURRENT);
  }
}

function memberIn(version: SecretVersion | undefined, { arn, names }: EventSecret): FoundVersion | undefined {
  return version?.members?.find((member) => names.includes(member.name) && (arn === undefined || arn === member.arn));
}

/** What is to be waited for; undefined for what was seen already. */
function announcementOf({ ref, version }: TrackedSecret, event: RotationEvent, sinceMs: number): Announced | undefined {
  if ('query' in ref) {
    const versionId = event.moves.find(({ stage }) => stage === CURRENT)?.versionId;
    const member = memberIn(version, event.secret);
    if (member === undefined || versionId === undefined) return { versionId: undefined, sinceMs };
    if (member.versionId === versionId) return undefined;
    return { versionId: undefined, sinceMs, members: new Map([[member.arn, versionId]]) };
  }
  const { version: which } = ref;
  const named = event.moves.find(({ stage }) => which.kind === 'stage' && stage === which.stage)?.versionId;
  return named !== undefined && version?.versionId === named ? undefined : { versionId: named, sinceMs };
}

export class Announcer implements RotationTarget {
  readonly #options: AnnouncerOptions;
  readonly #listeners = new Set<(user: string) => void>();

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  announce(event: RotationEvent): readonly string[] {
    const { index, clock, wake, expectReads } = this.#options;
    const users = new Set<string>();
    for (const secret of this.#concerned(event)) {
      const announced = announcementOf(secret, event, clock.nowMs());
      // What was seen already needs no second look; those who have not written it are on their way.
      if (announced !== undefined) {
        index.announce(secret, announced);
        expectReads(secret, secret.followers.length);
      }
      for (const user of secret.followers) users.add(user);
    }
    const unhandled = [...users].filter((user) => !this.isHandled(user, event));
    wake(unhandled);
    return unhandled;
  }

  isHandled(user: string, event: RotationEvent): boolean {
    return this.#concerned(event).every((secret) => !secret.followers.includes(user) || this.#isThrough(user, secret));
  }

  onProgress(listener: (user: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** To be called when a user's reconcile has ended in whatever way. */
  progressed(user: string): void {
    for (const listener of this.#listeners) listener(user);
  }

  /** AWS was asked since the announcement, and what it said is written, or the user was told why it is not; or asks later. */
  #isThrough(user: string, { identityKey, ref }: TrackedSecret): boolean {
    const { index, written, isStuck, awaitsWindow } = this.#options;
    const seen = index.observation(identityKey, ref);
    if (seen === undefined) return true;
    if (seen.announced !== undefined) return awaitsWindow(user);
    if (isStuck(user)) return true;
    const version = written(user, { identityKey, refId: refId(ref) });
    return version !== undefined && seen.version !== undefined && isSameVersion(version, seen.version);
  }

  #concerned(event: RotationEvent): readonly TrackedSecret[] {
    const { secret } = event;
    return this.#options.index
      .named(secret.names)
      .filter((tracked) => isAtHome(tracked, secret) && isAffected(tracked, event));
  }
}
