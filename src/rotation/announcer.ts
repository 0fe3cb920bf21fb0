/** Takes rotation events to those whom they concern, and knows when these have nothing left to do. */

import { refId } from '../domain/secret-ref.ts';
import type { Clock } from '../ports/clock.ts';
import { parseSecretArn } from '../ports/secret-arn.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import type { EventSecret, RotationEvent } from './rotation-event.ts';
import type { RotationTarget } from './rotation-target.ts';
import type { TrackedSecret, VersionIndex } from './version-index.ts';

export interface AnnouncerOptions {
  readonly index: VersionIndex;
  readonly clock: Clock;
  /** The version that a user's target was last written from. */
  readonly written: (user: string, refId: string) => SecretVersion | undefined;
  /** Whether a user has been told of a failure of its own, which only somebody's doing can end. */
  readonly isStuck: (user: string) => boolean;
  /** Says that a secret is about to be read by so many users. */
  readonly expectReads: (secret: Pick<TrackedSecret, 'identityKey' | 'ref'>, count: number) => void;
  /** Makes users look at their secrets. */
  readonly wake: (users: readonly string[]) => void;
}

/** The account and region are those of the event; a secret that was never seen may be anybody's. */
function isAtHome({ version }: TrackedSecret, { account, region }: EventSecret): boolean {
  const home = version && parseSecretArn(version.arn);
  return home === undefined || (home.account === account && home.region === region);
}

/** Whether the label that a secret is followed by may have moved, or its tags may be others. */
function isAffected({ ref }: TrackedSecret, { kind, moves }: RotationEvent): boolean {
  const { version } = ref;
  if (version.kind === 'id' || kind === 'rotationFailed') return false;
  if (kind === 'deleted' || kind === 'restored') return true;
  return version.kind === 'tags' ? kind === 'tagged' : moves.some(({ stage }) => stage === version.stage);
}

function namedVersion({ ref }: TrackedSecret, { moves }: RotationEvent): string | undefined {
  const { version } = ref;
  return moves.find(({ stage }) => version.kind === 'stage' && stage === version.stage)?.versionId;
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
      const versionId = namedVersion(secret, event);
      // What was seen already needs no second look; those who have not written it are on their way.
      if (versionId === undefined || secret.version?.versionId !== versionId) {
        index.announce(secret, { versionId, sinceMs: clock.nowMs() });
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

  /** AWS was asked since the announcement, and what it said is written, or the user was told why it is not. */
  #isThrough(user: string, { identityKey, ref }: TrackedSecret): boolean {
    const { index, written, isStuck } = this.#options;
    const seen = index.observation(identityKey, ref);
    if (seen === undefined) return true;
    if (seen.announced !== undefined) return false;
    if (isStuck(user)) return true;
    const version = written(user, refId(ref));
    return version !== undefined && version.versionId === seen.version?.versionId && version.arn === seen.version.arn;
  }

  #concerned(event: RotationEvent): readonly TrackedSecret[] {
    const { secret } = event;
    return this.#options.index
      .named(secret.names)
      .filter((tracked) => isAtHome(tracked, secret) && isAffected(tracked, event));
  }
}
