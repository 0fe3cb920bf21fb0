/** Which failures another attempt may not meet, without anybody's doing. Pure. */

import {
  ClusterConflict,
  ClusterForbidden,
  ClusterNotFound,
  ClusterUnavailable,
  type KeyturnError,
} from '../ports/errors.ts';
import { RendererUnavailable } from '../ports/renderer.ts';
import { sourceMayRecover } from '../ports/source-recovery.ts';

/** What is gone is made again at the next look; an API server that just starts knows no RBAC rule yet. */
const MAY_PASS = [ClusterConflict, ClusterUnavailable, ClusterForbidden, ClusterNotFound, RendererUnavailable];

/** Of the cluster, or of our own processes: not of what AWS answers. */
export function clusterMayRecover(error: KeyturnError): boolean {
  return MAY_PASS.some((kind) => error instanceof kind);
}

/** Whether a failure may pass without anybody's doing. */
export function mayPass(error: KeyturnError): boolean {
  return sourceMayRecover(error) || clusterMayRecover(error);
}
