/** Secrets are rotated, and messages in the queue tell of it: one by one at random times, then all at once. */

import { until } from '../../test/harness/until.ts';
import { EVENT_SECRETS, eventSecretName } from '../aws/secrets.ts';
import type { Counts } from '../aws/tally.ts';
import { type BenchOperator, OPERATOR_ACCESS_KEY } from '../bench-operator.ts';
import { fieldAt, textAt } from '../cluster/json-field.ts';
import { makeNamespace, removeNamespace } from '../cluster/make-namespace.ts';
import { accessKeyOf, secretsPath, type WantedSync } from '../cluster/objects.ts';
import { observeReady, observeSecrets } from '../cluster/observers.ts';
import { apiRequests } from '../cluster/request-table.ts';
import { standingOf } from '../cluster/standing.ts';
import type { CountTable, Latencies, Phase } from '../phase.ts';
import { atMost, type Figure, formatValue } from '../report/figure.ts';
import type { Stage } from '../stage.ts';
import { awsTable } from './aws-table.ts';
import { latencyFigures } from './latency-figures.ts';
import { randomSample, rotateAtRandomTimes } from './random-rotations.ts';

const NAMESPACE = 'bench-events';
/** So long that the sweep looks at none of them meanwhile. */
const INTERVAL = '1h';
const LARGEST_SAMPLE = 300;
/** Between two rotations that come one by one, on average. */
const PERIOD_MS = 200;
const TIMEOUT_MS = 120_000;
const ONE_BY_ONE_TARGET_MS = 1_000;
const AT_ONCE_TARGET_S = 5;
/** The largest burst is what one SQS consumer of ours holds. */
const LARGEST_BURST = EVENT_SECRETS;

export const rotationEvent: Phase = {
  name: 'rotation-event',
  title: 'from the message of a rotation to its Secret: one by one, then all at once',
  async run(stage, progress) {
    const operator = await stage.synced(progress);
    const users = wantedUsers(Math.min(LARGEST_BURST, stage.args.objects));
    progress(`making ${users.length} ExternalSecrets with an interval of ${INTERVAL}`);
    await prepareUsers(stage, users);
    const before = await look(stage, operator);
    const sample = randomSample(users, Math.min(LARGEST_SAMPLE, Math.ceil(users.length / 4)));
    progress(`${sample.length} rotations one by one`);
    const single = await oneByOne(stage, sample);
    await stage.settled();
    progress(`${users.length} rotations at once`);
    const burst = await allAtOnce(stage, users);
    const after = await look(stage, operator);
    const rotated = [...sample, ...users];
    const wrong = await withoutTheirLastValue(stage, rotated);
    progress('removing them');
    await removeNamespace(stage.asAdmin, NAMESPACE);
    await stage.settled();
    return {
      figures: [...single.figures, ...burst.figures, ...lossFigures(before, after, rotated.length, wrong)],
      tables: [...single.tables, ...burst.tables],
      latencies: [...single.latencies, ...burst.latencies],
      measured: burst.measured,
    };
  },
};

function wantedUsers(count: number): readonly WantedSync[] {
  return Array.from({ length: count }, (_, number) => ({
    namespace: NAMESPACE,
    name: `event-${number}`,
    secret: eventSecretName(number),
    interval: INTERVAL,
  }));
}

async function prepareUsers({ asAdmin, settled }: Stage, users: readonly WantedSync[]): Promise<void> {
  const ready = await observeReady(asAdmin, NAMESPACE);
  await makeNamespace(asAdmin, NAMESPACE, users);
  const areAll = () => ready.readyMs.size >= users.length;
  await until('all of them to be Ready', areAll, TIMEOUT_MS).catch(async (error: unknown) => {
    const seen = `seen as Ready: ${ready.readyMs.size} of ${users.length}`;
    throw new Error(`${seen}; in the cluster: ${await standingOf(asAdmin, NAMESPACE)}`, { cause: error });
  });
  ready.stop();
  await settled();
}

interface Part {
  readonly figures: readonly Figure[];
  readonly tables: readonly CountTable[];
  readonly latencies: readonly Latencies[];
  readonly measured: { readonly fromMs: number; readonly toMs: number };
}

async function oneByOne(stage: Stage, sample: readonly WantedSync[]): Promise<Part> {
  const withinMs = sample.length * PERIOD_MS;
  const part = await rotate(stage, sample, 'one by one', () =>
    rotateAtRandomTimes(stage, sample, { withinMs, how: 'byEvent' }),
  );
  const isWhole = part.latenciesMs.length === sample.length;
  const limitMs = isWhole ? ONE_BY_ONE_TARGET_MS : 0;
  return {
    ...part,
    figures: [
      { name: 'one by one: rotations', value: sample.length, unit: '', note: isWhole ? '' : 'not all arrived' },
      ...latencyFigures('one by one: latency', part.latenciesMs, 'ms', {
        of: 'p99',
        atMostMs: limitMs,
        text: '1 s',
      }),
    ],
  };
}

async function allAtOnce(stage: Stage, users: readonly WantedSync[]): Promise<Part> {
  const { aws } = stage;
  const deletedBefore = (await aws.queueCounts()).deleted;
  const api = await stage.cluster.metrics();
  let startedAtMs = Number.NaN;
  const part = await rotate(stage, users, `${formatValue(users.length)} at once`, async () => {
    startedAtMs = performance.now();
    await aws.rotate(
      users.map(({ secret }) => secret),
      'byEvent',
    );
    return new Map(users.map(({ name }) => [name, startedAtMs]));
  });
  const areDeleted = async () => (await aws.queueCounts()).deleted - deletedBefore >= users.length;
  const isEmptied = await until('every message to be deleted', areDeleted, TIMEOUT_MS).catch(() => false);
  const emptiedMs = isEmptied ? performance.now() - startedAtMs : Number.NaN;
  const isWhole = part.latenciesMs.length === users.length;
  const lastSeconds = isWhole ? Math.max(...part.latenciesMs) / 1_000 : Number.NaN;
  const requests = apiRequests(api, await stage.cluster.metrics());
  return {
    ...part,
    tables: [...part.tables, { title: `API server requests, ${part.name}`, rows: requests.rows }],
    figures: [
      { name: 'at once: rotations', value: users.length, unit: '', note: isWhole ? '' : 'not all arrived' },
      ...latencyFigures('at once: latency', part.latenciesMs, 's').slice(0, -1),
      {
        name: 'at once: last Secret written after',
        value: lastSeconds,
        unit: 's',
        target: atMost(AT_ONCE_TARGET_S, lastSeconds, `5 s for ${formatValue(LARGEST_BURST)}`),
      },
      { name: 'at once: last message deleted after', value: emptiedMs / 1_000, unit: 's' },
    ],
  };
}

type Measured = Omit<Part, 'figures'> & { readonly name: string; readonly latenciesMs: readonly number[] };

/** @param work rotates, and returns performance.now() just before each rotation, by name of the Secret */
async function rotate(
  stage: Stage,
  users: readonly WantedSync[],
  name: string,
  work: () => Promise<ReadonlyMap<string, number>>,
): Promise<Measured> {
  const secrets = await observeSecrets(stage.asAdmin, NAMESPACE);
  const before = await awsAsked(stage);
  const fromMs = stage.cpu.mark();
  const rotatedMs = await work();
  const haveArrived = () => users.every((user) => secrets.writesMs.has(user.name));
  await until('every rotation to arrive', haveArrived, TIMEOUT_MS).catch(() => undefined);
  const toMs = stage.cpu.mark();
  secrets.stop();
  const latenciesMs = users.flatMap((user) => {
    const writtenMs = secrets.writesMs.get(user.name)?.[0];
    return writtenMs === undefined ? [] : [writtenMs - (rotatedMs.get(user.name) ?? Number.NaN)];
  });
  const asked = awsTable(before, await awsAsked(stage));
  return {
    name,
    latenciesMs,
    latencies: [{ name: `by event, ${name}`, valuesMs: latenciesMs }],
    tables: [{ ...asked, title: `AWS calls for it, ${name}` }],
    measured: { fromMs, toMs },
  };
}

/** Without the calls of the sweep, which goes on for the other objects with other credentials. */
async function awsAsked({ aws }: Stage): Promise<Counts> {
  const read = await aws.counts(accessKeyOf(NAMESPACE));
  const queue = await aws.counts(OPERATOR_ACCESS_KEY);
  return { ...read, operations: { ...read.operations, ...queue.operations } };
}

interface Look {
  readonly sent: number;
  readonly deleted: number;
  readonly reappeared: number;
  readonly readBeforeMessage: number;
  /** By the operator's own metrics. */
  readonly handled: number;
}

async function look({ aws }: Stage, operator: BenchOperator): Promise<Look> {
  const { read } = await operator.scrape();
  return {
    ...(await aws.queueCounts()),
    readBeforeMessage: (await aws.counts()).readBeforeMessage,
    handled: read('keyturn_rotation_events_total', { outcome: 'handled' }),
  };
}

function lossFigures(before: Look, after: Look, rotations: number, wrong: number): readonly Figure[] {
  const more = (field: keyof Look) => after[field] - before[field];
  const exactly = (name: string, value: number, wanted: number): Figure => ({
    name,
    value,
    unit: '',
    target: { text: `= ${formatValue(wanted)}`, met: value === wanted },
  });
  return [
    { name: 'messages sent', value: more('sent'), unit: '' },
    exactly('messages deleted', more('deleted'), rotations),
    exactly('messages that were visible again', more('reappeared'), 0),
    exactly('Secrets without the last value', wrong, 0),
    { name: 'events handled, by the operator’s metrics', value: more('handled'), unit: '' },
    {
      name: 'rotations that the sweep found first',
      value: more('readBeforeMessage'),
      unit: '',
      note: 'read before anybody received their message',
    },
  ];
}

/** How many Secrets do not hold the version of their last rotation. */
async function withoutTheirLastValue({ asAdmin }: Stage, rotated: readonly WantedSync[]): Promise<number> {
  const versions = new Map<string, number>();
  for (const { name } of rotated) versions.set(name, (versions.get(name) ?? 1) + 1);
  const list = fieldAt(await asAdmin.json({ method: 'GET', path: secretsPath(NAMESPACE) }), 'items');
  const held = new Map(
    (Array.isArray(list) ? list : []).map((secret: unknown) => [
      textAt(secret, 'metadata', 'name'),
      Buffer.from(textAt(secret, 'data', 'version'), 'base64').toString(),
    ]),
  );
  return [...versions].filter(([name, version]) => held.get(name) !== String(version)).length;
}
