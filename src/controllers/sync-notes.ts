/** What a sync is told by: Events on the ExternalSecret and one line of the log. */

import type { ExternalSecret } from '../api/external-secret.ts';
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

const NOTES: Readonly<Record<Synced['wrote'], Note | undefined>> = {
  created: { reason: 'Created', message: 'secret created' },
  updated: { reason: 'Updated', message: 'secret updated' },
  deleted: { reason: 'Deleted', message: 'secret deleted due to DeletionPolicy=Delete' },
  unchanged: undefined,
};

function notesOf({ wrote, missing, orphans, recreated }: Synced): readonly Note[] {
  const written = NOTES[wrote];
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
    ...(written === undefined ? [] : [written]),
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
  for (const note of notesOf(result)) events.record({ object, type: 'Normal', ...note });
  const { wrote, orphans, missing, recreated } = result;
  const more = {
    ...(orphans.length === 0 ? {} : { deletedOrphans: orphans }),
    ...(missing.length === 0 ? {} : { missing }),
    ...(recreated.length === 0 ? {} : { recreated: recreated.map(({ now }) => now) }),
  };
  log.info({ ...result.logFields, ...more, wrote, durationMs: clock.nowMs() - startedAtMs }, 'synced');
}
