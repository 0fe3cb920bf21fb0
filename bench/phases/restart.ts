/** The operator is stopped and started again when all is synced: what does that cost? */

import { until } from '../../test/harness/until.ts';
import { apiRequests } from '../cluster/request-table.ts';
import type { Phase } from '../phase.ts';
import { atMost } from '../report/figure.ts';
import { awsCalls, awsTable } from './aws-table.ts';
import { writesFigure } from './idle.ts';

const READY_TIMEOUT_MS = 60_000;
const READY_TARGET_S = 5;
/** After the last first look, for writes that follow it. */
const AFTERMATH_MS = 3_000;

export const restart: Phase = {
  name: 'restart',
  title: 'SIGTERM and a new start with all objects synced',
  async run(stage, progress) {
    const { args, aws, cluster } = stage;
    const { process: running } = await stage.synced(progress);
    const { ms: stopMs } = await running.stop();
    await stage.settled();
    const before = { api: await cluster.metrics(), aws: await aws.counts() };
    const operator = await stage.startOperator();
    const fromMs = operator.startedAtMs;
    await until('/readyz to answer 200', operator.isReady, READY_TIMEOUT_MS);
    const readySeconds = (performance.now() - fromMs) / 1_000;
    progress('it looks at every secret once');
    const hasLooked = async () => (await aws.distinctSince(before.aws.mark)) >= args.objects;
    await until('every secret to be looked at', hasLooked, stage.syncTimeoutMs);
    const toMs = stage.cpu.mark();
    const looked = await aws.counts();
    await stage.sleep(AFTERMATH_MS);
    const requests = apiRequests(before.api, await cluster.metrics());
    const calls = awsCalls(before.aws, looked);
    const most = Math.max(Math.ceil(args.objects / 20), (args.objects / 20) * 1.01);
    return {
      figures: [
        { name: 'end after SIGTERM', value: stopMs, unit: 'ms' },
        {
          name: 'from process start to /readyz',
          value: readySeconds,
          unit: 's',
          target: atMost(READY_TARGET_S, readySeconds, '5 s at 10,000'),
        },
        { name: 'until every secret was looked at', value: (toMs - fromMs) / 1_000, unit: 's' },
        { name: 'AWS calls until then', value: calls, unit: 'calls', target: atMost(most, calls, 'N/20 + 1%') },
        writesFigure(requests),
        { name: 'CPU time of the operator', value: operator.cpuSeconds(), unit: 's' },
        { name: 'peak memory (VmHWM)', value: operator.memory().peakMiB, unit: 'MiB' },
      ],
      tables: [{ title: 'API server requests', rows: requests.rows }, awsTable(before.aws, looked)],
      measured: { fromMs, toMs },
    };
  },
};
