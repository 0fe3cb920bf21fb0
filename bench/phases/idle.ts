/** Nothing changes for two intervals: what does that cost? */

import { describeHeap } from '../bench-operator.ts';
import { type ApiRequests, apiRequests } from '../cluster/request-table.ts';
import type { Phase } from '../phase.ts';
import { atMost, type Figure, formatValue } from '../report/figure.ts';
import type { Stage } from '../stage.ts';
import { awsCalls, awsTable } from './aws-table.ts';

const INTERVALS = 2;
const LARGEST_BATCH = 20;
const EVENTS_POLL_MS = 3_000;
/** The operator's Events trickle out at some 5 a second; it keeps at most 1,000 of them. */
const EVENTS_TIMEOUT_MS = 300_000;
const CPU_TARGET_PERCENT = 2;
const MEMORY_TARGET_MIB = 160_000_000 / 2 ** 20;

export const idle: Phase = {
  name: 'idle',
  title: 'nothing changes for two intervals',
  async run(stage, progress) {
    const operator = await stage.synced(progress);
    progress('the Events of the first sync trickle out');
    await eventsHaveEnded(stage);
    progress(`two intervals of ${stage.args.interval}`);
    const before = { api: await stage.cluster.metrics(), aws: await stage.aws.counts() };
    const cpuBefore = operator.cpuSeconds();
    const fromMs = stage.cpu.mark();
    await stage.sleep(INTERVALS * stage.args.intervalMs);
    const toMs = stage.cpu.mark();
    const cpuPercent = ((operator.cpuSeconds() - cpuBefore) / ((toMs - fromMs) / 1_000)) * 100;
    const after = await stage.aws.counts();
    const requests = apiRequests(before.api, await stage.cluster.metrics());
    const { residentMiB } = operator.memory();
    const scrape = await operator.scrape();
    return {
      figures: [
        awsFigure(stage, awsCalls(before.aws, after) / INTERVALS),
        writesFigure(requests),
        {
          name: 'CPU of the operator',
          value: cpuPercent,
          unit: '% of a core',
          target: atMost(CPU_TARGET_PERCENT, cpuPercent, '2% at 10,000'),
        },
        {
          name: 'memory (RSS)',
          value: residentMiB,
          unit: 'MiB',
          target: atMost(MEMORY_TARGET_MIB, residentMiB, '152.6 MiB (160 MB) at 10,000'),
          note: describeHeap(scrape),
        },
        {
          name: 'scrape of /metrics',
          value: scrape.durationMs,
          unit: 'ms',
          note: `${formatValue(scrape.bytes / 2 ** 20)} MiB`,
        },
      ],
      tables: [{ title: 'API server requests', rows: requests.rows }, awsTable(before.aws, after)],
      measured: { fromMs, toMs },
    };
  },
};

function awsFigure({ args }: Stage, perInterval: number): Figure {
  const most = (args.objects / LARGEST_BATCH) * 1.01;
  return {
    name: 'AWS calls per interval',
    value: perInterval,
    unit: 'calls',
    target: atMost(Math.max(most, Math.ceil(args.objects / LARGEST_BATCH)), perInterval, 'N/20 + 1%'),
  };
}

export function writesFigure({ writes }: ApiRequests): Figure {
  const target = atMost(0, writes, '0 but Lease and heartbeat');
  return { name: 'API writes', value: writes, unit: 'writes', target };
}

/** Returns when no Event has been written for a while. */
export async function eventsHaveEnded({ cluster, sleep }: Stage): Promise<void> {
  const deadlineMs = performance.now() + EVENTS_TIMEOUT_MS;
  let before = await cluster.metrics();
  while (performance.now() < deadlineMs) {
    await sleep(EVENTS_POLL_MS);
    const now = await cluster.metrics();
    if (apiRequests(before, now).events === 0) return;
    before = now;
  }
}
