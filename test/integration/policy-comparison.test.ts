/** `keyturn policy --compare`: what a given policy lacks and grants too much, by what the cluster needs. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { keyturn } from './keyturn-command.ts';
import { startWorld, type World } from './operator-world.ts';

let world: World;
let home: TemporaryDirectory;
beforeAll(async () => {
  world = await startWorld();
  home = temporaryDirectory('policy-comparison');
});
afterAll(async () => {
  expect(await world.leaks()).toEqual([]);
  await world.stop();
  home.remove();
});

let namespace: string;
beforeEach(async () => {
  namespace = await world.namespace('policy');
});

describe('a policy that is compared', () => {
  const GET = 'secretsmanager:GetSecretValue';
  let name: string;
  beforeEach(async () => {
    ({ name } = await world.putSecret(world.canary()));
    await world.store(namespace);
    await world.externalSecret(namespace, 'app', { data: [{ secretKey: 'k', remoteRef: { key: name } }] });
  });

  const arn = (suffix: string) =>
    `arn:aws:secretsmanager:${world.aws.region}:${world.aws.account}:secret:${name}${suffix}`;

  async function compare(document: string, more: readonly string[] = []) {
    const file = join(home.path, 'policy.json');
    await writeFile(file, document);
    const scope = ['--namespace', namespace, '--account', world.aws.account];
    const options = ['--kubeconfig', world.cluster.adminKubeconfigPath, '--compare', file];
    return await keyturn(['policy', ...scope, ...options, ...more], home.path);
  }
  const policy = (Action: unknown, Resource: unknown) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Read', Effect: 'Allow', Action, Resource }] });

  it('fits with status 0', async () => {
    const { exitCode, stdout, stderr } = await compare(policy(GET, arn('-*')));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(
      `# the IAM user whose access key is in Secret ${namespace}/aws-credentials\nThe policy fits.\n`,
    );
  });

  it('differs with status 2, and says in what', async () => {
    const { exitCode, stdout } = await compare(policy([GET, 'secretsmanager:PutSecretValue'], '*'));
    expect(exitCode).toBe(2);
    expect(stdout).toContain('The policy does not fit.\n\nToo much:\n');
    expect(stdout).toContain(`- ${GET} on * (Read): wider than ${arn('-??????')}\n`);
    expect(stdout).toContain('- secretsmanager:PutSecretValue (Read): nothing needs it\n');
    const json = await compare(policy(GET, arn('x-??????')), ['--output', 'json']);
    expect(json.exitCode).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({
      fits: false,
      findings: [{ kind: 'missing', text: `${GET} on ${arn('-??????')}` }, { kind: 'tooMuch' }],
    });
  });

  it('with what several identities need is an error of the command line, which says how to choose one', async () => {
    const document = policy(GET, arn('-*'));
    await world.store(namespace, { name: 'second' });
    const ref = { secretStoreRef: { name: 'second' }, data: [{ secretKey: 'k', remoteRef: { key: name } }] };
    await world.externalSecret(namespace, 'app-second', ref);
    const { exitCode, stdout, stderr } = await compare(document);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    const user = (secret: string) => `the IAM user whose access key is in Secret ${namespace}/${secret}`;
    expect(stderr).toContain(
      `keyturn: --compare: choose one of ${user('aws-credentials')}; ${user('second-credentials')}, ` +
        'by --role, --store or --namespace',
    );
    const chosen = await compare(document, ['--store', `SecretStore/${namespace}/second`]);
    expect(chosen).toMatchObject({ exitCode: 0, stderr: '' });
    expect(chosen.stdout).toBe(`# ${user('second-credentials')}\nThe policy fits.\n`);
  });

  it.each<[string, () => Promise<{ exitCode: number; stderr: string }>, RegExp]>([
    ['what is no policy', () => compare('{}'), /--compare: .*policy\.json is not a policy: it has no Statement/],
    [
      'a file that is not there',
      () => keyturn(['policy', '--compare', '/nowhere', '--kubeconfig', world.cluster.adminKubeconfigPath], home.path),
      /--compare: \/nowhere cannot be read \(ENOENT\)/,
    ],
    [
      'a role that reads nothing',
      () => compare('{"Statement":[]}', ['--role', 'arn:aws:iam::123456789012:role/x']),
      /nothing is read there/,
    ],
    [
      'an API server that cannot be reached',
      () => keyturn(['policy', '--kubeconfig', '/nowhere'], home.path),
      /The kubeconfig cannot be read from \/nowhere/,
    ],
  ])('ends with status 1 and one line for %s', async (_, run, says) => {
    const { exitCode, stderr } = await run();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^keyturn: [^\n]*\n$/);
    expect(stderr).toMatch(says);
  });
});
