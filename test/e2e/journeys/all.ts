/** In the order in which they are gone. */

import { firstPod } from './first-pod.ts';
import type { Journey } from './journey.ts';
import { leaderKilled } from './leader-killed.ts';
import { networkPolicy } from './network-policy.ts';
import { nodeReboot } from './node-reboot.ts';
import { rollingUpgrade } from './rolling-upgrade.ts';
import { rollout } from './rollout.ts';
import { rotation } from './rotation.ts';
import { securityScan } from './security-scan.ts';
import { takenOver } from './taken-over.ts';
import { tenants } from './tenants.ts';
import { uninstalled } from './uninstall.ts';

export const JOURNEYS: readonly Journey[] = [
  firstPod,
  rotation,
  rollout,
  leaderKilled,
  rollingUpgrade,
  uninstalled,
  takenOver,
  nodeReboot,
  tenants,
  securityScan,
  networkPolicy,
];
