/** In the order in which they are gone. */

import { firstPod } from './first-pod.ts';
import type { Journey } from './journey.ts';
import { rotation } from './rotation.ts';

export const JOURNEYS: readonly Journey[] = [firstPod, rotation];
