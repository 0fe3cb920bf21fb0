/** What a sync is told by: Events on the ExternalSecret and one line of the log. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { targetNameOf } from '../domain/target.ts';
import { targetWordsOf } from '../domain/target-words.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/cluster.ts';
import type { Log } from '../ports/log.ts';
import { objectIdentity } from './external-secret-status.ts';
import type { SyncResult } from './sync.ts';

type Synced = Extract<SyncResult, { kind: 'synced' }>;

interface Note {
  readonly reason: string;
  readonly message: string;
}

/** Of a whole cluster that is taken over (`adopted`) there would be as many Events, and nothing has happened. */
type WriteKind = Exclude<Synced['wrote'], 'adopted' | 'unchanged'>;

const OF_SECRETS: Readonly<Record<WriteKind, string>> = {
  created: 'secret created',
  updated: 'secret updated',
  deleted: 'secret deleted due to DeletionPolicy=Delete',
};

const REASONS: Readonly<Record<WriteKind, string>> = { created: 'Created', updated: 'Updated', deleted: 'Deleted' };

/** In upstream's words. */
function writeNote(externalSecret: ExternalSecret, what: WriteKind): Note {
  const { noun, kind } = targetWordsOf(externalSecret);
  const reason = REASONS[what];
  return {
    reason,
    message: noun === 'secret' ? OF_SECRETS[what] : `${reason} ${kind} ${targetNameOf(externalSecret)}`,
  };
}

function notesOf(externalSecret: ExternalSecret, { wrote, missing, orphans, recreated }: Synced): readonly Note[] {
  return [
    ...missing.map((field) => ({
      reason: 'MissingProviderSecret',
      message: `secret does not exist at provider using ${field}`,
    })),
    ...recreated.map(({ field, before, now }) => ({
      reason: 'ProviderSecretRecreated',
      message:
        `${field}: the secret was deleted at AWS and made again under the same name. Its ARN was ${before} and is now ${now}; ` +
        'what names the former one, in policies or as a key, has to follow',
    })),
    ...(wrote === 'unchanged' || wrote === 'adopted' ? [] : [writeNote(externalSecret, wrote)]),
    ...orphans.map((name) => ({
      reason: 'Deleted',
      message: `secret "${name}" deleted: it had the name that spec.target.name gave before`,
    })),
  ];
}

export function noteSync(
  externalSecret: ExternalSecret,
  result: Synced,
  startedAtMs: number,
  { events, clock, log }: { readonly events: Events; readonly clock: Clock; readonly log: Log },
): void {
  const object = objectIdentity(externalSecret);
  for (const note of notesOf(externalSecret, result)) events.record({ object, type: 'Normal', ...note });
  const { wrote, orphans, missing, recreated } = result;
  const more = {
    ...(orphans.length === 0 ? {} : { deletedOrphans: orphans }),
    ...(missing.length === 0 ? {} : { missing }),
    ...(recreated.length === 0 ? {} : { recreated: recreated.map(({ now }) => now) }),
  };
  log.info({ ...result.logFields, ...more, wrote, durationMs: clock.nowMs() - startedAtMs }, 'synced');
}
