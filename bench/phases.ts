/** The phases in the order in which they run. A new one is a file in phases/ and a row here. */

import type { Phase } from './phase.ts';
import { churn } from './phases/churn.ts';
import { firstSync } from './phases/first-sync.ts';
import { idle } from './phases/idle.ts';
import { idleBatchDenied } from './phases/idle-batch-denied.ts';
import { limit } from './phases/limit.ts';
import { restart } from './phases/restart.ts';
import { rotationEvent } from './phases/rotation-event.ts';
import { rotationSweep } from './phases/rotation-sweep.ts';
import { shared } from './phases/shared.ts';

export const PHASES: readonly Phase[] = [
  limit,
  firstSync,
  idle,
  rotationSweep,
  rotationEvent,
  shared,
  restart,
  idleBatchDenied,
  churn,
];
