/** Nothing changes for an interval, and the identity may not call BatchGetSecretValue, as most IAM policies have it. */

import { apiRequests } from '../cluster/request-table.ts';
import type { Phase } from '../phase.ts';
import { atMost } from '../report/figure.ts';
import { awsCalls, awsTable } from './aws-table.ts';
import { eventsHaveEnded, writesFigure } from './idle.ts';

export const idleBatchDenied: Phase = {
  name: 'idle-batch-denied',
  title: 'nothing changes for an interval, BatchGetSecretValue denied',
  async run(stage, progress) {
    const { args, aws, cluster } = stage;
    await stage.stopOperator();
    await aws.allowBatch(false);
    const operator = await stage.synced(progress);
    await eventsHaveEnded(stage);
    progress(`an interval of ${args.interval}`);
    const before = { api: await cluster.metrics(), aws: await aws.counts() };
    const cpuBefore = operator.cpuSeconds();
    const fromMs = stage.cpu.mark();
    await stage.sleep(args.intervalMs);
    const toMs = stage.cpu.mark();
    const cpuPercent = ((operator.cpuSeconds() - cpuBefore) / ((toMs - fromMs) / 1_000)) * 100;
    const after = await aws.counts();
    const requests = apiRequests(before.api, await cluster.metrics());
    // It remembers the denial, so the phases after this one get an operator that has not met it.
    await stage.stopOperator();
    await aws.allowBatch(true);
    const perSecret = awsCalls(before.aws, after, 'GetSecretValue') / args.objects;
    const batches = awsCalls(before.aws, after, 'BatchGetSecretValue');
    return {
      figures: [
        {
          name: 'GetSecretValue calls for each secret and interval',
          value: perSecret,
          unit: 'calls',
          target: atMost(1.01, perSecret, '1'),
        },
        { name: 'BatchGetSecretValue tried', value: batches, unit: 'calls', note: 'one in ten minutes is meant' },
        writesFigure(requests),
        { name: 'CPU of the operator', value: cpuPercent, unit: '% of a core' },
      ],
      tables: [{ title: 'API server requests', rows: requests.rows }, awsTable(before.aws, after)],
      measured: { fromMs, toMs },
    };
  },
};
