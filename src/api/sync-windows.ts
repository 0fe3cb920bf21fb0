/** `spec.syncWindows`: when periodic refreshes may happen. */

import * as Type from 'typebox';
import type { Immutable } from './immutable.ts';
import { choice, cronSchedule, goDuration } from './kubernetes-patterns.ts';

const syncWindowSchema = Type.Object(
  {
    schedule: cronSchedule('Cron expression of five fields in UTC, or a shorthand such as @daily or "@every 2h".'),
    duration: goDuration('How long the window stays open, as a Go duration such as 8h or 90m.'),
  },
  { description: 'A window opens each time that schedule fires.' },
);

export const syncWindowsSchema = Type.Object(
  {
    kind: choice(['allow', 'deny'], 'allow: refresh only while a window is open. deny: refresh only while none is.'),
    windows: Type.Array(syncWindowSchema, { description: 'The windows; one is enough to count.', minItems: 1 }),
  },
  { description: 'Limits periodic refreshes to certain times. A first sync or a changed spec does not wait for them.' },
);

export type SyncWindows = Immutable<Type.Static<typeof syncWindowsSchema>>;
