/** The first sync: N ExternalSecrets exist, the operator starts, and in the end all Secrets and statuses are there. */

import { until } from '../../test/harness/until.ts';
import { secretFields } from '../aws/secrets.ts';
import { describeHeap, type Scrape } from '../bench-operator.ts';
import { fieldAt, textAt } from '../cluster/json-field.ts';
import { secretsPath } from '../cluster/objects.ts';
import { observeReady, observeSecrets, type ReadyObserver, type SecretObserver } from '../cluster/observers.ts';
import { type ApiRequests, apiRequests } from '../cluster/request-table.ts';
import { totalCpu } from '../measure/cpu-sampler.ts';
import { thisMachine } from '../measure/machine.ts';
import { percentile } from '../measure/percentiles.ts';
import type { Phase, PhaseResult } from '../phase.ts';
import { atLeast, atMost, type Figure } from '../report/figure.ts';
import { CONTROL_PLANE } from '../settled.ts';
import { NAMESPACE, type Stage } from '../stage.ts';
import { ticking } from '../ticker.ts';
import { awsTable } from './aws-table.ts';

const CHECKED_VALUES = 10;
const MEMORY_TARGET_MIB = 160_000_000 / 2 ** 20;
const EVENT_LOOP_TARGET_MS = 50;
const LIMIT_TARGET = 0.8;
const RECORD_OBJECTS = 10_000;
const MEMORY_TARGET_TEXT = '152.6 MiB (160 MB) at 10,000';

export const firstSync: Phase = {
  name: 'first-sync',
  title: 'the operator starts with N ExternalSecrets and no Secret',
  async run(stage, progress, earlier) {
    progress('making the ExternalSecrets');
    await stage.stopOperator();
    await stage.prepared();
    await stage.settled();
    const secrets = await observeSecrets(stage.asAdmin, NAMESPACE);
    const ready = await observeReady(stage.asAdmin, NAMESPACE);
    const before = { api: await stage.cluster.metrics(), aws: await stage.aws.counts() };
    const operator = await stage.startOperator();
    const stopTicking = ticking(progress, () => `${ready.readyMs.size} of ${stage.args.objects} Ready`);
    const isDone = () => ready.readyMs.size >= stage.args.objects && secrets.writesMs.size >= stage.args.objects;
    await until('all objects to be synced', isDone, stage.syncTimeoutMs).finally(stopTicking);
    const toMs = stage.cpu.mark();
    const used = { cpuSeconds: operator.cpuSeconds(), memory: operator.memory() };
    const requests = apiRequests(before.api, await stage.cluster.metrics());
    const aws = awsTable(before.aws, await stage.aws.counts());
    const scrape = await operator.scrape();
    secrets.stop();
    ready.stop();
    await checkValues(stage);
    const startedAtMs = operator.startedAtMs;
    return {
      figures: [
        ...speed(stage, startedAtMs, secrets, ready),
        ...ratioToLimit(stage, startedAtMs, ready, earlier.get('limit')),
        { name: 'CPU time of the operator', value: used.cpuSeconds, unit: 's' },
        ...whatLimits(stage, { fromMs: startedAtMs, toMs }, earlier.get('limit')),
        {
          name: 'peak memory (VmHWM)',
          value: used.memory.peakMiB,
          unit: 'MiB',
          target: atMost(MEMORY_TARGET_MIB, used.memory.peakMiB, MEMORY_TARGET_TEXT),
          note: describeHeap(scrape),
        },
        eventLoop(scrape),
        ...writes(stage, requests),
      ],
      tables: [{ title: 'API server requests', rows: requests.rows }, aws],
      completionsMs: [...ready.readyMs.values()].map((atMs) => atMs - startedAtMs),
      measured: { fromMs: startedAtMs, toMs },
    };
  },
};

function speed(
  { args }: Stage,
  startedAtMs: number,
  { writesMs }: SecretObserver,
  { readyMs }: ReadyObserver,
): readonly Figure[] {
  const totalMs = Math.max(...readyMs.values()) - startedAtMs;
  const firstWriteMs = Math.min(...Array.from(writesMs.values(), ([first = Number.NaN]) => first)) - startedAtMs;
  const behindMs = Array.from(readyMs, ([name, atMs]) => atMs - (writesMs.get(name)?.[0] ?? Number.NaN));
  const perSecond = (ms: number) => args.objects / (ms / 1_000);
  return [
    { name: 'from process start to all Ready', value: totalMs / 1_000, unit: 's' },
    { name: 'first Secret after', value: firstWriteMs / 1_000, unit: 's' },
    { name: 'speed, start-up included', value: perSecond(totalMs), unit: 'objects/s' },
    { name: 'speed from the first Secret on', value: perSecond(totalMs - firstWriteMs), unit: 'objects/s' },
    { name: 'status behind Secret, p99', value: percentile(behindMs, 0.99), unit: 'ms' },
  ];
}

function ratioToLimit(
  { args }: Stage,
  startedAtMs: number,
  { readyMs }: ReadyObserver,
  limit: PhaseResult | undefined,
): readonly Figure[] {
  if (limit?.completionsMs === undefined) return [];
  const ratio = Math.max(...limit.completionsMs) / (Math.max(...readyMs.values()) - startedAtMs);
  const note = args.objects < RECORD_OBJECTS ? 'start-up weighs more than at 10,000' : '';
  const target = atLeast(LIMIT_TARGET, ratio, `${LIMIT_TARGET} at 10,000`);
  return [{ name: 'speed as a share of the raw limit', value: ratio, unit: 'ratio', target, note }];
}

/**
 * CPU for each object, by whom. When the cores are in use as a whole, the sum of it is what limits; when they are not, the
 * operator waits for something.
 */
function whatLimits(
  { args, cpu }: Stage,
  { fromMs, toMs }: NonNullable<PhaseResult['measured']>,
  limit: PhaseResult | undefined,
): readonly Figure[] {
  const { cores } = thisMachine();
  const used = totalCpu(cpu.between(fromMs, toMs));
  const msPerObject = (seconds: number) => (seconds * 1_000) / args.objects;
  const controlPlane = (all: ReadonlyMap<string, number>) =>
    msPerObject(CONTROL_PLANE.reduce((sum, name) => sum + (all.get(name) ?? 0), 0));
  const whole = used.values().reduce((sum, seconds) => sum + seconds, 0);
  const ours = whole - (used.get('others') ?? 0);
  const raw = limit?.measured && controlPlane(totalCpu(cpu.between(limit.measured.fromMs, limit.measured.toMs)));
  return [
    { name: 'cores in use', value: whole / ((toMs - fromMs) / 1_000), unit: 'cores', note: `of ${cores}` },
    { name: 'CPU for each object, operator', value: msPerObject(used.get('operator') ?? 0), unit: 'ms' },
    {
      name: 'CPU for each object, control plane',
      value: controlPlane(used),
      unit: 'ms',
      note: raw === undefined ? '' : `in the raw limit ${raw.toFixed(2)}`,
    },
    {
      name: 'speed if all cores were in use',
      value: (cores * 1_000) / msPerObject(ours),
      unit: 'objects/s',
      note: 'the cores by the CPU that an object costs operator, control plane, stand-in and bench',
    },
  ];
}

function eventLoop({ read }: Scrape): Figure {
  const delayMs = read('nodejs_eventloop_lag_p99_seconds') * 1_000;
  const target = atMost(EVENT_LOOP_TARGET_MS, delayMs, '50 ms');
  const note = 'by a timer of 10 ms, which is in it';
  return { name: 'event loop delay, p99', value: delayMs, unit: 'ms', target, note };
}

function writes({ args }: Stage, requests: ApiRequests): readonly Figure[] {
  const perObject = requests.objectWrites / args.objects;
  return [
    { name: 'API writes for each object', value: perObject, unit: 'writes', target: atMost(2, perObject, '2') },
    { name: 'Events written', value: requests.events, unit: 'writes', note: 'rate-limited, behind the syncs' },
  ];
}

/** Speed counts for nothing if the values are wrong. */
async function checkValues({ asAdmin, wanted }: Stage): Promise<void> {
  for (const { name, secret } of wanted.slice(0, CHECKED_VALUES)) {
    const found = await asAdmin.json({ method: 'GET', path: `${secretsPath(NAMESPACE)}/${name}` });
    for (const [key, value] of Object.entries(secretFields(secret, 1))) {
      const stored = Buffer.from(textAt(fieldAt(found, 'data'), key), 'base64').toString();
      if (stored !== value) throw new Error(`Secret ${name} does not hold the value of ${secret} under ${key}`);
    }
  }
}
