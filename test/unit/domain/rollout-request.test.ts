import { describe, expect, test } from 'vitest';
import { rolloutRequestOf } from '../../../src/domain/rollout-request.ts';
import { triggerOf } from '../../../src/domain/rollout-trigger.ts';
import { externalSecret } from './manifests.ts';

function asked(text: string): string {
  const request = rolloutRequestOf(externalSecret({ metadata: { annotations: { 'keyturn.dev/rollout': text } } }));
  if (request === undefined) return 'nothing';
  if (request.kind === 'invalid') return request.problem;
  if (request.kind === 'auto') return 'auto';
  return request.workloads.map(({ kind, name }) => (kind === undefined ? name : `${kind} ${name}`)).join();
}

describe('the annotation', () => {
  test.each([
    ['auto', 'auto'],
    [' auto ', 'auto'],
    ['deployment/api', 'Deployment api'],
    [
      'Deployment/api, statefulset/db,daemonset/agent,rollout/web,worker',
      'Deployment api,StatefulSet db,DaemonSet agent,Rollout web,worker',
    ],
    ['auto,api', 'auto,api'],
  ])('%j asks for %j', (text, expected) => {
    expect(asked(text)).toBe(expected);
  });

  test.each([
    ['', 'it is empty'],
    ['cronjob/report', '"cronjob/report" names no workload'],
    ['api,,db', '"" names no workload'],
    ['a/b/c', '"a/b/c" names no workload'],
    ['Api', '"Api" names no workload'],
    ['deployment/', '"deployment/" names no workload'],
    ['true!', '"true!" names no workload'],
    [`x!${'y'.repeat(200)}`, `"x!${'y'.repeat(78)}..." names no workload`],
  ])('%j is told what is allowed', (text, problem) => {
    expect(asked(text)).toContain(`annotation keyturn.dev/rollout: ${problem}; use "auto"`);
  });

  test('of more names than anybody writes is told so', () => {
    const names = (count: number) => Array.from({ length: count }, (_, at) => `w${at}`).join();
    expect(asked(names(100))).toBe(names(100));
    expect(asked(names(101))).toContain(
      'annotation keyturn.dev/rollout: it has 101 names, and may have 100; use "auto"',
    );
  });

  test('an object without it asks for nothing', () => {
    expect(rolloutRequestOf(externalSecret())).toBeUndefined();
  });

  test.each([
    ['a target that is no Secret', { manifest: { apiVersion: 'v1', kind: 'ConfigMap' } }],
    ['a Secret that somebody else writes', { creationPolicy: 'None' }],
  ] as const)('%s is not followed, and that is told', (_, target) => {
    const metadata = { annotations: { 'keyturn.dev/rollout': 'auto' } };
    expect(rolloutRequestOf(externalSecret({ metadata, spec: { target } }))).toMatchObject({
      kind: 'invalid',
      problem: expect.stringContaining('this ExternalSecret writes none'),
    });
  });
});

describe('the annotation on pod templates', () => {
  test('is named after the ExternalSecret', () => {
    expect(triggerOf('db')).toBe('keyturn.dev/rollout-db');
  });

  test('of a long name ends in a hash, and fits', () => {
    const long = 'a'.repeat(100);
    expect(triggerOf(long)).toMatch(/^keyturn\.dev\/rollout-a{42}-[0-9a-f]{12}$/);
    expect(triggerOf(long).length - 'keyturn.dev/'.length).toBe(63);
    expect(triggerOf(`${long}b`)).not.toBe(triggerOf(`${long}c`));
  });
});
