/** The audit log beside what AWS itself recorded, and what becomes of its file. */

import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsEndpoint, startMinistack } from '../harness/aws-endpoint.ts';
import { secretsManagerEvents } from '../harness/cloudtrail.ts';
import { createIamRole, createIamUser, type PolicyStatement } from '../harness/iam.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy, endFaultless } from './proxied-world.ts';

const EACH_SECOND = { refreshInterval: '1s' };
const SOON_MS = 15_000;
const MANY = 60;
/** No request of a sweep is under way any more. */
const SWEPT_MS = 2_000;

let aws: AwsEndpoint;
let directory: TemporaryDirectory;
let path: string;
let world: World;

beforeAll(async () => {
  aws = await startMinistack({ env: { CLOUDTRAIL_RECORDING: '1' } });
  directory = temporaryDirectory('audit');
  path = join(directory.path, 'audit.jsonl');
  const writes = ['', '.1', '.2'].map((suffix) => `${path}${suffix}`);
  world = await startWorld({ aws, args: ['--audit-log', path], writes, throughAwsProxy: true });
});

afterAll(async () => {
  await endFaultless(world);
  await aws.stop();
  directory.remove();
});

type Line = Json & { readonly kind: string };

/** The records of a file, or of all of it that is whole. */
function recordsIn(file = path): readonly Line[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

const ofKind = (lines: readonly Line[], kind: string) => lines.filter((line) => line.kind === kind);
const text = (line: Json | undefined, ...keys: readonly string[]) => String(at(line, ...keys));

/** Records about one object. */
function about(lines: readonly Line[], name: string, kind: string): readonly Line[] {
  return ofKind(lines, kind).filter((line) => at(line, 'object', 'name') === name);
}

/** Records about the objects of a namespace. */
function within(namespace: string, kind: string, lines = recordsIn()): readonly Line[] {
  return ofKind(lines, kind).filter((line) => at(line, 'object', 'namespace') === namespace);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function entry(secretKey: string, key: string, more: Json = {}) {
  return { secretKey, remoteRef: { key, ...more } };
}

/** A store whose identity is a user of its own. */
async function storeOf(namespace: string, name: string, statements: readonly PolicyStatement[]) {
  const user = await createIamUser(world.aws, statements);
  await world.store(namespace, { name, credentials: user.credentials });
  return user;
}

const mayRead = (Action: string | readonly string[], Resource = '*'): PolicyStatement => ({
  Effect: 'Allow',
  Action,
  Resource,
});

/** What the operator asked AWS for, as many times each: the harness's own requests go past the proxy. */
function counted(operations: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const operation of operations) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  return new Map([...counts].toSorted());
}

describe('what happened, when all is over,', () => {
  const SHARING = ['one', 'two', 'three'];
  let namespace: string;
  let shared: AwsSecret;
  let rotated: AwsSecret;
  let lines: readonly Line[];

  async function objects(other: AwsSecret): Promise<void> {
    const password = entry('password', shared.name, { property: 'password' });
    const both = { ...EACH_SECOND, data: [password, entry('other', other.name)] };
    for (const name of SHARING) await world.externalSecret(namespace, name, both);
    await world.externalSecret(namespace, 'single', { ...both, secretStoreRef: { name: 'reader' } });
    await world.externalSecret(namespace, 'refused', { ...both, secretStoreRef: { name: 'denied' } });
    const rewrite = [{ regexp: { source: '.*/', target: '' } }];
    await world.externalSecret(namespace, 'found', {
      ...EACH_SECOND,
      dataFrom: [{ find: { path: other.name }, rewrite }],
    });
    await world.externalSecret(namespace, 'described', {
      ...EACH_SECOND,
      data: [
        entry('tags', shared.name, { metadataPolicy: 'Fetch' }),
        entry('pinned', shared.name, { version: `uuid/${shared.versionId}` }),
      ],
    });
    for (const name of [...SHARING, 'single', 'found', 'described']) await world.expectReady(namespace, name);
    await world.expectNotReady(namespace, 'refused', /GetSecretValue/);
  }

  beforeAll(async () => {
    namespace = await world.namespace('audit');
    await storeOf(namespace, 'aws', [mayRead('secretsmanager:*')]);
    await storeOf(namespace, 'reader', [mayRead('secretsmanager:GetSecretValue')]);
    await storeOf(namespace, 'denied', [mayRead('secretsmanager:BatchGetSecretValue')]);
    const next = world.canary();
    shared = await world.putSecret({ password: world.canary() });
    await objects(await world.putSecret(world.canary()));
    rotated = await world.putSecret({ password: next }, shared.name);
    for (const name of [...SHARING, 'single']) {
      const password = async () => (await world.secretData(namespace, name))?.['password'];
      await until('the rotated value', password, SOON_MS, (seen) => seen === next);
    }
    await world.objects.removeAll('ExternalSecret', namespace);
    await sleep(SWEPT_MS);
    await world.operator.stop();
    lines = recordsIn();
  });
  afterAll(() => world.restartOperator('stop'));

  it('at AWS, is in the audit: each request, with its id', async () => {
    const requests = ofKind(lines, 'request');
    const asked = world.awsProxy.requests.map(({ target }) => target).filter((target) => target !== '');
    expect(counted(requests.map((line) => text(line, 'operation')))).toEqual(counted(asked));
    expect(new Set(asked)).toEqual(new Set(['BatchGetSecretValue', 'GetSecretValue', 'DescribeSecret', 'ListSecrets']));
    expect(new Set(requests.map((line) => text(line, 'cause')))).toEqual(new Set(['sync', 'sweep']));
    // What ministack denies is in no trail of its, and has no id.
    const answered = requests.filter((line) => line['code'] !== 'AccessDeniedException');
    expect(answered.length).toBeLessThan(requests.length);
    const trail = (await secretsManagerEvents(world.aws)).filter(({ accessKeyId }) => accessKeyId !== 'test');
    expect(answered.map((line) => `${text(line, 'operation')} ${text(line, 'requestId')}`).toSorted()).toEqual(
      trail.map(({ eventName, requestId }) => `${eventName} ${requestId}`).toSorted(),
    );
  });

  it('to a value, is in the audit: who was given it, by which request', () => {
    const requests = ofKind(lines, 'request').map((line) => `${text(line, 'operation')} ${text(line, 'requestId')}`);
    const given = ofKind(lines, 'read').filter((line) => line['result'] === 'ok');
    for (const line of given) expect(requests).toContain(`${text(line, 'operation')} ${text(line, 'requestId')}`);
    const ofRotation = given.filter((line) => at(line, 'got', 'versionId') === rotated.versionId);
    expect(ofRotation.map((line) => text(line, 'object', 'name')).toSorted()).toEqual(
      [...SHARING, 'single'].toSorted(),
    );
    const alone = ofRotation.find((line) => at(line, 'object', 'name') === 'single');
    expect(alone).toMatchObject({ store: `SecretStore/${namespace}/reader`, operation: 'GetSecretValue' });
    const together = ofRotation.filter((line) => line !== alone).map((line) => text(line, 'requestId'));
    expect(new Set(together).size).toBe(1);
    expect(together).not.toContain(text(alone, 'requestId'));
  });

  it('to a Secret, is in the audit: what was written, and from which reads', () => {
    for (const name of SHARING) {
      const reads = new Set(about(lines, name, 'read').map((line) => text(line, 'requestId')));
      const writes = about(lines, name, 'write');
      expect(writes.map((line) => [text(line, 'verb'), line['keys']])).toEqual([
        ['create', ['password', 'other']],
        ['patch', ['password', 'other']],
      ]);
      const sources = writes.map((line) => listOf(line['sources']));
      expect(sources.map(([first]) => at(first, 'got', 0, 'versionId'))).toEqual([shared.versionId, rotated.versionId]);
      const from = sources.flat().flatMap((source) => listOf(at(source, 'requestIds')).map(String));
      expect(from.length).toBe(4);
      expect(from.filter((id) => !reads.has(id))).toEqual([]);
    }
  });

  it('to what was refused, is in the audit: to whom and why, and nothing was written', () => {
    const refused = about(lines, 'refused', 'read');
    expect(refused.length).toBeGreaterThan(0);
    for (const line of refused) {
      expect(line).toMatchObject({ result: 'AccessDenied', code: 'AccessDeniedException' });
      expect(line).not.toHaveProperty('got');
    }
    expect(about(lines, 'refused', 'write')).toEqual([]);
  });
});

describe('each request', () => {
  it('has one for each attempt, also for one whose answer was lost', async () => {
    const namespace = await world.namespace('audit-attempts');
    const { arn, credentials } = await storeOf(namespace, 'aws', [mayRead('secretsmanager:*')]);
    const secret = await world.putSecret(world.canary());
    const isOurs = ({ target, headers }: { target: string; headers: NodeJS.Dict<string | string[]> }) =>
      target === 'GetSecretValue' && String(headers['authorization']).includes(`=${credentials.accessKeyId}/`);
    world.awsProxy.fail(isOurs, { kind: 'loseReply' }, 1);
    await world.externalSecret(namespace, 'app', { data: [entry('a', secret.name)] });
    await world.expectReady(namespace, 'app');
    const trail = (await secretsManagerEvents(world.aws)).filter(
      ({ accessKeyId }) => accessKeyId === credentials.accessKeyId,
    );
    const [lost, answered] = trail.map(({ requestId }) => requestId);
    expect(lost).toBeDefined();
    const requests = await until(
      'the records of both attempts',
      () => ofKind(recordsIn(), 'request').filter((line) => at(line, 'identity', 'arn') === arn),
      SOON_MS,
      (seen) => seen.length === 2,
    );
    expect(requests.map((line) => [text(line, 'result'), line['requestId']])).toEqual([
      ['unanswered', undefined],
      ['ok', answered],
    ]);
    expect(within(namespace, 'read').map((line) => line['requestId'])).toEqual([answered]);
  });

  it('names the role and the session that CloudTrail names', async () => {
    const namespace = await world.namespace('audit-role');
    const user = await createIamUser(world.aws, [mayRead('sts:AssumeRole')]);
    const role = await createIamRole(
      world.aws,
      [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: user.arn } }],
      [mayRead('secretsmanager:GetSecretValue')],
    );
    await world.store(namespace, { credentials: user.credentials, aws: { role: role.arn } });
    const secret = await world.putSecret(world.canary());
    await world.externalSecret(namespace, 'app', { data: [entry('a', secret.name)] });
    await world.expectReady(namespace, 'app');
    const sessionName = `keyturn-${namespace}-aws`;
    const reads = await until(
      'the record of the read',
      async () => within(namespace, 'read'),
      5_000,
      (seen) => seen.length > 0,
    );
    expect(reads.map((line) => line['identity'])).toEqual([
      {
        arn: `arn:aws:sts::${world.aws.account}:assumed-role/${role.name}/${sessionName}`,
        sessionName,
        region: world.aws.region,
      },
    ]);
  });
});

describe('the file', () => {
  it('is made anew when it is rotated, and no record is lost by it', async () => {
    const namespace = await world.namespace('audit-rotated');
    await storeOf(namespace, 'aws', [mayRead('secretsmanager:*')]);
    const secret = await world.putSecret(world.canary());
    await world.externalSecret(namespace, 'app', { ...EACH_SECOND, data: [entry('a', secret.name)] });
    await world.expectReady(namespace, 'app');
    renameSync(path, `${path}.1`);
    const next = world.canary();
    const { versionId } = await world.putSecret(next, secret.name);
    await world.expectData(namespace, 'app', { a: next });
    await until('a new file', () => statSync(path).size, SOON_MS);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const both = () => [...recordsIn(`${path}.1`), ...recordsIn()];
    const verbs = () => within(namespace, 'write', both()).map((line) => text(line, 'verb'));
    await until('the record of the patch', verbs, SOON_MS, (seen) => seen.length > 1);
    expect(verbs()).toEqual(['create', 'patch']);
    const given = within(namespace, 'read', both()).filter((line) => at(line, 'got', 'versionId') === versionId);
    expect(given).toHaveLength(1);
  });

  it('has whole lines only after a kill in the middle of work, but for the last', async () => {
    const namespace = await world.namespace('audit-killed');
    await storeOf(namespace, 'aws', [mayRead('secretsmanager:*')]);
    const secret = await world.putSecret(world.canary());
    await Promise.all(
      Array.from({ length: MANY }, (_, number) =>
        world.externalSecret(namespace, `app-${number}`, { data: [entry('a', secret.name)] }),
      ),
    );
    await until('some of them', () => within(namespace, 'write').length > MANY / 10, SOON_MS);
    await world.restartOperator('kill');
    await until('all of them', async () => (await world.objects.list('Secret', namespace)).length > MANY, SOON_MS);
    const parsed = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        try {
          return Boolean(JSON.parse(line));
        } catch {
          return false;
        }
      });
    expect(parsed.filter((isWhole) => !isWhole).length).toBeLessThanOrEqual(1);
  });
});

describe('a file that takes nothing', () => {
  it('does not keep anything from being synced, and is told once', async () => {
    const full = await startWorld({ args: ['--audit-log', '/dev/full'] });
    try {
      const namespace = await full.namespace('audit-full');
      await full.store(namespace);
      const value = full.canary();
      const secret = await full.putSecret(value);
      await full.externalSecret(namespace, 'app', { ...EACH_SECOND, data: [entry('a', secret.name)] });
      await full.expectData(namespace, 'app', { a: value });
      await sleep(3_000);
      expect(bugsLoggedBy(full.operator)).toMatchObject([
        { path: '/dev/full', code: 'ENOSPC', msg: expect.stringContaining('the audit log cannot be written') },
      ]);
      const metrics = await fetch(`${await full.operator.metricsUrl()}/metrics`);
      expect(await metrics.text()).toMatch(/^keyturn_audit_records_dropped 0$/m);
      const { code } = await full.operator.stop();
      expect(code).toBe(0);
      expect(bugsLoggedBy(full.operator).at(-1)).toMatchObject({ msg: 'records of the audit were lost' });
    } finally {
      await full.stop();
    }
  });
});
