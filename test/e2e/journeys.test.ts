/** `npm run e2e`: Keyturn in a real cluster whose pods mount what it writes (README.md beside this file). */

import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { KUBERNETES_VERSION } from '../harness/binaries.ts';
import { JOURNEYS } from './journeys/all.ts';
import { timed } from './journeys/journey.ts';
import { operatorLog, operatorPods, startUpMs } from './operator-pods.ts';
import { type JourneyReport, reportText } from './report.ts';
import { installOn, type Stage, setStage } from './stage.ts';

/** The last one, or with `--record` the one that is checked in. */
const REPORT_NAME = process.env['KEYTURN_E2E_RECORD'] === 'yes' ? 'recorded.txt' : 'last.txt';
const REPORT_PATH = fileURLToPath(new URL(`./results/${REPORT_NAME}`, import.meta.url));

const starting = new AbortController();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const reports: JourneyReport[] = [];
let stage: Stage;

beforeAll(async () => {
  const clusterName = process.env['KEYTURN_E2E_CLUSTER'] ?? 'own-node';
  const madeMs = await timed(async () => {
    stage = await setStage(clusterName, (text) => say(`[stage] ${text}`), starting.signal);
  });
  const installedMs = await timed(() => installOn(stage));
  const startUps = await Promise.all((await operatorPods(stage)).map((pod) => startUpMs(stage, pod)));
  const figures = [
    { what: 'cluster and AWS started', ms: madeMs },
    { what: 'installed → both replicas ready', ms: installedMs },
    { what: 'of this, from the start of a process to "ready"', ms: Math.max(...startUps) },
  ];
  reports.push({ title: '0  the cluster is made and Keyturn installed', passed: true, figures });
});

afterEach(() => stage.tidy());

afterAll(async () => {
  starting.abort();
  if (stage === undefined) return;
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = `${loadavg()[1]?.toFixed(1)} processes wanted to run, the suite's own included (load average of 5 minutes)`;
  const about = [
    `Keyturn end to end, ${date}, Kubernetes ${KUBERNETES_VERSION}`,
    stage.cluster.description,
    `${machine}; ${load}`,
  ];
  const text = reportText(about, reports);
  writeFileSync(REPORT_PATH, text);
  say(`\n${text}`);
  await stage.stop();
});

for (const { title, travel } of JOURNEYS) {
  it(title, async () => {
    const place = reports.push({ title, passed: false, figures: [] }) - 1;
    const figures = await travel(stage);
    reports[place] = { title, passed: true, figures };
  });
}

it('no value turned up in the log of the operator, and no fault of its own', async () => {
  const log = await operatorLog(stage);
  expect(log).toContain('"msg":"ready"');
  expect(stage.canaries.findIn(new Map([['the log', log]]))).toEqual([]);
  expect(log.split('\n').filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
