/** The machine's limit: the two writes of a first sync for each object, sent by the bench itself, with no operator. */

import { until } from '../../test/harness/until.ts';
import { inParallel } from '../cluster/in-parallel.ts';
import { makeNamespace, removeNamespace } from '../cluster/make-namespace.ts';
import { createTarget, writeStatus } from '../cluster/objects.ts';
import { observeReady, observeSecrets } from '../cluster/observers.ts';
import { percentile } from '../measure/percentiles.ts';
import type { Phase } from '../phase.ts';
import { type Stage, wantedSyncs } from '../stage.ts';
import { ticking } from '../ticker.ts';

const NAMESPACE = 'bench-limit';

export const limit: Phase = {
  name: 'limit',
  title: 'raw Secret create + status write for each object, no operator',
  async run(stage, progress) {
    progress('making the ExternalSecrets whose status is written');
    const { asAdmin, args, cpu } = stage;
    const wanted = wantedSyncs(NAMESPACE, args);
    const uids = await makeNamespace(asAdmin, NAMESPACE, wanted);
    await stage.settled();
    // The same watches as in the first sync, so that both bear their cost.
    const secrets = await observeSecrets(asAdmin, NAMESPACE);
    const ready = await observeReady(asAdmin, NAMESPACE);
    const stopTicking = ticking(progress, () => `${ready.readyMs.size} of ${args.objects}`);
    const startedAtMs = cpu.mark();
    await writeAll(stage, wanted, uids);
    await until('every write to be seen', () => ready.readyMs.size >= args.objects, stage.syncTimeoutMs);
    stopTicking();
    const toMs = cpu.mark();
    secrets.stop();
    ready.stop();
    progress('removing what was written');
    await removeNamespace(asAdmin, NAMESPACE);
    await stage.settled();
    const completionsMs = [...ready.readyMs.values()].map((atMs) => atMs - startedAtMs);
    const seconds = Math.max(...completionsMs) / 1_000;
    return {
      figures: [
        { name: 'raw two-write limit', value: args.objects / seconds, unit: 'objects/s' },
        { name: 'time for all', value: seconds, unit: 's' },
        { name: 'half of them done after', value: percentile(completionsMs, 0.5) / 1_000, unit: 's' },
      ],
      completionsMs,
      measured: { fromMs: startedAtMs, toMs },
    };
  },
};

async function writeAll(
  { asOperator, args }: Stage,
  wanted: ReturnType<typeof wantedSyncs>,
  uids: ReadonlyMap<string, string>,
): Promise<void> {
  await inParallel(wanted, args.concurrency, async (each) => {
    const uid = uids.get(each.name) ?? '';
    await asOperator.text(createTarget(each, uid));
    await asOperator.text(writeStatus(each, uid));
  });
}
