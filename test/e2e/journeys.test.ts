/** `npm run e2e`: Keyturn in a real cluster whose pods mount what it writes (README.md beside this file). */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KUBERNETES_VERSION } from '../harness/binaries.ts';
import { JOURNEYS } from './journeys/all.ts';
import { type JourneyReport, reportText } from './report.ts';
import { installOn, type Stage, setStage } from './stage.ts';

const REPORT_PATH = fileURLToPath(new URL('./results/last.txt', import.meta.url));

const starting = new AbortController();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const reports: JourneyReport[] = [];
let stage: Stage;

beforeAll(async () => {
  const startedAtMs = performance.now();
  stage = await setStage(process.env['KEYTURN_E2E_CLUSTER'] ?? 'own-node', (text) => say(`[stage] ${text}`), starting.signal);
  const readyAtMs = performance.now();
  await installOn(stage);
  const figures = [
    { what: 'cluster and AWS started', ms: readyAtMs - startedAtMs },
    { what: 'installed → both replicas ready', ms: performance.now() - readyAtMs },
  ];
  reports.push({ title: '0  the cluster is made and Keyturn installed', passed: true, figures });
});

afterAll(async () => {
  starting.abort();
  if (stage !== undefined) {
    const about = [`Keyturn end to end, ${new Date().toISOString().slice(0, 10)}, Kubernetes ${KUBERNETES_VERSION}`, stage.cluster.description];
    const text = reportText(about, reports);
    mkdirSync(dirname(REPORT_PATH), { recursive: true });
    writeFileSync(REPORT_PATH, text);
    say(`\n${text}`);
    await stage.stop();
  }
});

describe('journeys', () => {
  for (const { title, travel } of JOURNEYS) {
    it(title, async () => {
      const report = { title, passed: false, figures: [] };
      const place = reports.push(report) - 1;
      const figures = await travel(stage);
      reports[place] = { title, passed: true, figures };
      expect(figures.length).toBeGreaterThan(0);
    });
  }
});
