/** What single settings cannot know of each other. */

import { UsageError } from './option-values.ts';
import type { RunOptions } from './options.ts';

/** What stands in the URL of the rotation queue for the number of the shard. */
export const SHARD_IN_URL = '{shard}';

/** @throws UsageError */
export function checkTogether(options: RunOptions): void {
  checkShards(options);
  checkPolicies(options);
}

function checkShards({ shards, leaderElect, rotationQueueUrl }: RunOptions): void {
  if (shards === 1) return;
  if (!leaderElect) throw new UsageError(`--shards: ${shards} shards are shared out by Leases; add --leader-elect`);
  if (rotationQueueUrl !== undefined && !rotationQueueUrl.includes(SHARD_IN_URL)) {
    throw new UsageError(
      `--rotation-queue-url: each of ${shards} shards needs a queue of its own; write ${SHARD_IN_URL} where their ` +
        `URLs have the number of the shard, 0 to ${shards - 1}`,
    );
  }
}

function checkPolicies({ requireAccessPolicy, namespaces }: RunOptions): void {
  if (!requireAccessPolicy || namespaces.length === 0) return;
  throw new UsageError(
    "--require-access-policy: an operator with --namespace does not read SecretAccessPolicies, which are the cluster's; use one of the two",
  );
}
