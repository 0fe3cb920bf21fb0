/** One secret that 200 ExternalSecrets use is rotated: how often is it read, and how often is written? */

import { until } from '../../test/harness/until.ts';
import { SHARED_SECRET } from '../aws/secrets.ts';
import { makeNamespace, removeNamespace } from '../cluster/make-namespace.ts';
import type { WantedSync } from '../cluster/objects.ts';
import { observeReady, observeSecrets } from '../cluster/observers.ts';
import { apiRequests } from '../cluster/request-table.ts';
import type { Phase } from '../phase.ts';
import { atMost, type Figure } from '../report/figure.ts';
import type { Stage } from '../stage.ts';

const NAMESPACE = 'bench-shared';
const USERS = 200;
/** Short, so that the phase is: it is the number of reads that counts. */
const INTERVAL = '10s';
const TIMEOUT_MS = 60_000;
/** After the last write, for reads that nobody needed. */
const AFTERMATH_MS = 1_000;

export const shared: Phase = {
  name: 'shared',
  title: `one secret used by ${USERS} ExternalSecrets is rotated`,
  async run(stage, progress) {
    await stage.synced(progress);
    progress(`making the ${USERS} ExternalSecrets`);
    await prepareUsers(stage);
    const secrets = await observeSecrets(stage.asAdmin, NAMESPACE);
    const api = await stage.cluster.metrics();
    const timesBefore = await stage.aws.timesAnswered(SHARED_SECRET);
    progress('the rotation arrives');
    const fromMs = stage.cpu.mark();
    await stage.aws.rotate([SHARED_SECRET], 'silently');
    await until('all Secrets to be written', () => secrets.writesMs.size >= USERS, TIMEOUT_MS);
    const firstMs = Math.min(...Array.from(secrets.writesMs.values(), ([first = Number.NaN]) => first));
    const toMs = stage.cpu.mark();
    const lastMs = Math.max(...Array.from(secrets.writesMs.values(), ([first = Number.NaN]) => first));
    await stage.sleep(AFTERMATH_MS);
    const answered = (await stage.aws.timesAnswered(SHARED_SECRET)) - timesBefore;
    const requests = apiRequests(api, await stage.cluster.metrics());
    const secretWrites = secrets.writesMs.values().reduce((sum, times) => sum + times.length, 0);
    secrets.stop();
    progress('removing them');
    await removeNamespace(stage.asAdmin, NAMESPACE);
    await stage.settled();
    return {
      figures: [
        ...counts(answered, secretWrites),
        { name: 'first to last Secret', value: lastMs - firstMs, unit: 'ms' },
      ],
      tables: [{ title: 'API server requests', rows: requests.rows }],
      measured: { fromMs, toMs },
    };
  },
};

async function prepareUsers({ asAdmin, settled }: Stage): Promise<void> {
  const ready = await observeReady(asAdmin, NAMESPACE);
  const users = Array.from(
    { length: USERS },
    (_, number): WantedSync => ({
      namespace: NAMESPACE,
      name: `user-${number}`,
      secret: SHARED_SECRET,
      interval: INTERVAL,
    }),
  );
  await makeNamespace(asAdmin, NAMESPACE, users);
  await until('all of them to be Ready', () => ready.readyMs.size >= USERS, TIMEOUT_MS);
  ready.stop();
  await settled();
}

/** The look that finds the rotation has the value in its answer too, so that it is told apart from the reads. */
function counts(answered: number, secretWrites: number): readonly Figure[] {
  const reads = answered - 1;
  return [
    {
      name: 'reads after the look that found it',
      value: reads,
      unit: 'calls',
      target: atMost(1, reads, '1 for each rotation'),
    },
    {
      name: 'Secret writes',
      value: secretWrites,
      unit: 'writes',
      target: { text: `= ${USERS}`, met: secretWrites === USERS },
    },
  ];
}
