/**
 * The brake on deletion: when many secrets of one identity vanish at once, it is likelier that the account, the region or
 * a pipeline is wrong than that all are meant to be gone. What is held stays held until it is back or somebody confirms
 * it: neither new secrets nor those that are restored one by one let the others go. Pure.
 */

import type { ExternalSecret, ExternalSecretStatus } from '../api/external-secret.ts';
import { targetWordsOf } from './target-words.ts';

/** Annotation on an ExternalSecret whose deletion waits: its value is the name of the hold. */
const CONFIRM_DELETION_ANNOTATION = 'keyturn.dev/confirm-deletion';

/** The reason of the condition and of the Event. */
export const DELETION_HELD = 'DeletionHeld';

/** Fewer are nobody's accident. */
const FEWEST = 5;
const HOUR_MS = 3_600_000;
const LONGEST_WINDOW_MS = 24 * HOUR_MS;

/** Of the secrets that are read with one identity. */
export interface Vanishing {
  /** Gone, within the window, and they were in a target before. */
  readonly vanished: number;
  readonly followed: number;
}

export function isTooMuch({ vanished, followed }: Vanishing, percent: number): boolean {
  return percent > 0 && vanished >= FEWEST && vanished * 100 > followed * percent;
}

/** What vanished together may be noticed over a whole interval, in which all of it is looked at once. */
export function windowMs(intervalMs: number | undefined): number {
  return Math.min(LONGEST_WINDOW_MS, Math.max(HOUR_MS, intervalMs ?? 0));
}

/** Whether somebody has confirmed this hold. Its name is the time at which it began, which no later one has. */
export function isConfirmed({ metadata }: Pick<ExternalSecret, 'metadata'>, hold: string): boolean {
  return metadata.annotations?.[CONFIRM_DELETION_ANNOTATION] === hold;
}

export function holdMessage(externalSecret: ExternalSecret, hold: string, { vanished, followed }: Vanishing): string {
  const { metadata } = externalSecret;
  return (
    `deletion waits: ${vanished} of ${followed} secrets that are read with this identity vanished at AWS at once. ` +
    `The ${targetWordsOf(externalSecret).kind} stays as it is until its sources are back. ` +
    'If they are meant to be gone, confirm it: ' +
    `kubectl annotate externalsecret ${metadata.name} -n ${metadata.namespace} --overwrite ` +
    `${CONFIRM_DELETION_ANNOTATION}=${hold}`
  );
}

const TOLD = new RegExp(` ${CONFIRM_DELETION_ANNOTATION}=(\\S+)$`);

/** The hold that the condition tells of, which outlives this process; undefined when it tells of none. */
export function shownHold(status: ExternalSecretStatus | undefined): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.reason === DELETION_HELD ? TOLD.exec(ready.message ?? '')?.[1] : undefined;
}
