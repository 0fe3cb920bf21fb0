/** `keyturn plan`: the built program over a cluster with ExternalSecrets of all outcomes. It tells them, and writes nothing. */

import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE_FLAGS } from '../../scripts/node-flags.ts';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { OPERATOR_BUNDLE } from '../harness/operator-bundle.ts';
import { type RequestCount, requestsBetween } from '../harness/request-counts.ts';
import { type CommandResult, runCommand } from '../harness/run-command.ts';
import { type Canaries, createCanaries } from './canaries.ts';
import { at, type Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { upstream } from './upstream-left.ts';

const RBAC_PATH = new URL('../../deploy/plan-rbac.yaml', import.meta.url).pathname;
const PLANNER = { namespace: 'keyturn', serviceAccount: 'keyturn-plan' };
/** A port that only the superuser could listen on. */
const NOBODY_LISTENS = 'http://127.0.0.1:1';
const READS = ['GET', 'LIST', 'WATCH', 'WATCHLIST'];
/** Of everything else the control plane itself writes. */
const CONCERNED = [
  'secrets',
  'configmaps',
  'events',
  'namespaces',
  'externalsecrets',
  'secretstores',
  'clustersecretstores',
  'clusterexternalsecrets',
];

let cluster: ControlPlane;
let world: World;
let canaries: Canaries;
let kubeconfigPath: string;

beforeAll(async () => {
  cluster = await startControlPlane({ crdPaths: ['crds'] });
  world = await startWorld({ cluster });
  canaries = createCanaries();
  await cluster.applyPath(RBAC_PATH);
  kubeconfigPath = await cluster.kubeconfigFor(PLANNER);
});

afterAll(async () => {
  await world.stop();
  await cluster.stop();
});

function plan(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  return runCommand({
    name: `keyturn plan ${args.join(' ')}`,
    command: process.execPath,
    args: [...NODE_FLAGS, OPERATOR_BUNDLE, 'plan', '--kubeconfig', kubeconfigPath, ...args],
    env: {
      PATH: process.env['PATH'],
      HOME: cluster.access.directory,
      AWS_ENDPOINT_URL: world.aws.url,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...env,
    },
    cwd: cluster.access.directory,
    timeoutMs: 60_000,
  });
}

interface Entry {
  readonly kind: string;
  readonly message?: string;
  readonly secret?: string;
  readonly orphans?: readonly string[];
  readonly difference?: {
    readonly keys: readonly {
      readonly key: string;
      readonly change: string;
      readonly before?: string;
      readonly after?: string;
    }[];
    readonly annotations: { readonly added: readonly string[]; readonly removed: readonly string[] };
    readonly owner: string;
    readonly type?: string;
  };
}

/** What a plan in JSON says of each ExternalSecret of a namespace, by its name. */
function entriesOf({ stdout }: CommandResult, namespace: string): ReadonlyMap<string, Entry> {
  const all = at(JSON.parse(stdout), 'externalSecrets') as readonly (Entry & { namespace: string; name: string })[];
  return new Map(all.filter((each) => each.namespace === namespace).map((each) => [each.name, each]));
}

function writesIn(counts: readonly RequestCount[]): readonly RequestCount[] {
  return counts.filter(({ verb, resource }) => CONCERNED.includes(resource) && !READS.includes(verb));
}

/** Nothing serves the cluster while this is made. */
describe('a cluster with ExternalSecrets of all outcomes', () => {
  let namespace: string;
  let stage: string;
  let text: CommandResult;
  let json: CommandResult;
  let entries: ReadonlyMap<string, Entry>;
  let written: readonly RequestCount[];
  let versions: Readonly<Record<'before' | 'after', string>>;

  async function secretVersions(): Promise<string> {
    const all = await world.objects.list('Secret', namespace);
    return JSON.stringify(all.map((each) => [at(each, 'metadata', 'name'), at(each, 'metadata', 'resourceVersion')]));
  }

  async function put(value: string | Json): Promise<string> {
    return (await world.putSecret(value)).name;
  }

  /** By Keyturn, before the plan. */
  async function synced(values: { readonly old: string; readonly now: string }): Promise<void> {
    await world.store(namespace, {
      credentials: { ...world.aws.credentials, secretAccessKey: canaries.next() },
    });
    const [still, moving, going] = await Promise.all([put(values.old), put(values.old), put(values.old)]);
    const data = (key: string) => [{ secretKey: 'password', remoteRef: { key } }];
    await world.externalSecret(namespace, 'synced', { data: data(still) });
    await world.externalSecret(namespace, 'moved', { data: data(moving) });
    await world.externalSecret(namespace, 'edited', { data: data(still) });
    await world.externalSecret(namespace, 'once', { data: data(moving), refreshPolicy: 'CreatedOnce' });
    await world.externalSecret(namespace, 'frozen', { data: data(moving), target: { immutable: true } });
    await world.externalSecret(namespace, 'retyped', { data: data(still) });
    await world.externalSecret(namespace, 'renamed', { data: data(still), target: { name: 'first-name' } });
    await world.externalSecret(namespace, 'gone', { data: data(going), target: { deletionPolicy: 'Delete' } });
    const names = ['synced', 'moved', 'edited', 'once', 'frozen', 'retyped', 'renamed', 'gone'];
    await Promise.all(names.map((name) => world.expectReady(namespace, name)));
    await world.operator.stop();
    await world.putSecret(values.now, moving);
    await world.objects.patch('Secret', namespace, 'edited', {
      stringData: { password: values.now, extra: values.now },
    });
    const target = { template: { type: 'example.com/other', data: { password: '{{ .password }}' } } };
    await world.externalSecret(namespace, 'retyped', { data: data(still), target });
    await world.externalSecret(namespace, 'renamed', { data: data(still), target: { name: 'second-name' } });
    const last = { SecretId: going, ForceDeleteWithoutRecovery: true };
    await world.secretsManager.send(new DeleteSecretCommand(last));
  }

  /** By External Secrets Operator. */
  async function left(values: { readonly old: string; readonly now: string }): Promise<void> {
    const { leaves } = upstream(world);
    const still = await put({ password: values.old, user: values.now });
    const data = [{ secretKey: 'password', remoteRef: { key: still, property: 'password' } }];
    const one = { data: { password: values.old } };
    await leaves(namespace, 'adopted', { spec: { data }, ...one });
    await leaves(namespace, 'once-adopted', { spec: { data, refreshPolicy: 'CreatedOnce' }, ...one });
  }

  /** Not served by anybody so far. */
  async function fresh(values: { readonly old: string; readonly now: string }): Promise<void> {
    const key = await put({ password: values.old, user: values.now });
    const data = [{ secretKey: 'password', remoteRef: { key, property: 'password' } }];
    await world.objects.apply('ConfigMap', namespace, 'templates', { data: { url: 'db://{{ .user }}@host' } });
    await world.externalSecret(namespace, 'new', { dataFrom: [{ extract: { key } }] });
    await world.externalSecret(namespace, 'templated', {
      dataFrom: [{ extract: { key } }],
      target: { template: { templateFrom: [{ configMap: { name: 'templates', items: [{ key: 'url' }] } }] } },
    });
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap' };
    await world.externalSecret(namespace, 'configured', { data, target: { name: 'settings', manifest } });
    await world.externalSecret(namespace, 'merging', { data, target: { creationPolicy: 'Merge' } });
    await world.externalSecret(namespace, 'nowhere', {
      data: [{ secretKey: 'a', remoteRef: { key: 'test/nowhere' } }],
    });
    await world.externalSecret(namespace, 'wrong', { data, refreshInterval: '1d' });
    await world.externalSecret(namespace, 'storeless', { data, secretStoreRef: { name: 'missing' } });
    await world.store(namespace, { name: 'theirs', spec: { controller: 'theirs' }, wait: false });
    await world.externalSecret(namespace, 'theirs', { data, secretStoreRef: { name: 'theirs' } });
    const finalizers = ['externalsecrets.external-secrets.io/externalsecret-cleanup'];
    await world.externalSecret(namespace, 'hanging', { data }, { finalizers });
    await world.objects.remove('ExternalSecret', namespace, 'hanging');
    await world.objects.apply('ClusterExternalSecret', '', stage, {
      spec: { namespaces: [namespace], externalSecretSpec: { secretStoreRef: { name: 'aws' }, data } },
    });
  }

  beforeAll(async () => {
    namespace = await world.namespace('planned');
    stage = world.uniqueName('everywhere');
    const values = { old: canaries.next(), now: canaries.next() };
    await synced(values);
    await left(values);
    await fresh(values);
    const before = await secretVersions();
    const metrics = await cluster.metrics();
    text = await plan([]);
    json = await plan(['--output', 'json']);
    written = writesIn(requestsBetween(metrics, await cluster.metrics()));
    versions = { before, after: await secretVersions() };
    entries = entriesOf(json, namespace);
  });

  afterAll(async () => {
    await world.objects.remove('ClusterExternalSecret', '', stage);
    await world.restartOperator('stop');
  });

  it('each is told what would become of it', () => {
    const kinds = Object.fromEntries([...entries].map(([name, { kind }]) => [name, kind]));
    expect(kinds).toEqual({
      adopted: 'metadata',
      configured: 'refused',
      edited: 'change',
      frozen: 'refused',
      gone: 'delete',
      hanging: 'release',
      merging: 'left',
      moved: 'change',
      new: 'create',
      nowhere: 'refused',
      once: 'left',
      'once-adopted': 'metadata',
      renamed: 'create',
      retyped: 'refused',
      storeless: 'refused',
      synced: 'nothing',
      templated: 'create',
      theirs: 'left',
      wrong: 'refused',
    });
  });

  it('a change names keys, and digests tell which values are equal', () => {
    const moved = entries.get('moved')?.difference?.keys ?? [];
    expect(moved).toEqual([
      { key: 'password', change: 'changed', before: expect.any(String), after: expect.any(String) },
    ]);
    const [{ before = '', after = '' } = {}] = moved;
    expect([before, after]).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/), expect.stringMatching(/^[0-9a-f]{12}$/)]);
    expect(entries.get('edited')?.difference?.keys).toEqual([
      { key: 'extra', change: 'removed', before: after },
      { key: 'password', change: 'changed', before: after, after: before },
    ]);
    expect(entries.get('new')?.difference).toMatchObject({
      keys: [
        { key: 'password', change: 'added', after: before },
        { key: 'user', change: 'added', after },
      ],
      owner: 'set',
      type: 'Opaque',
    });
    expect(entries.get('templated')?.difference?.keys).toMatchObject([{ key: 'url', change: 'added' }]);
  });

  it('digests are others in each run', async () => {
    const again = entriesOf(await plan(['--output', 'json', `${namespace}/moved`]), namespace);
    const digests = (all: typeof again) => all.get('moved')?.difference?.keys.map(({ before }) => before);
    expect(digests(again)).not.toEqual(digests(entries));
  });

  it('a target that is no Secret is told by the paths of its fields, where it is served', async () => {
    const { stdout, exitCode } = await plan([
      ...['--output', 'json', '--unsafe-allow-generic-targets'],
      `${namespace}/configured`,
    ]);
    expect(entriesOf({ stdout, exitCode, stderr: '' }, namespace).get('configured')).toMatchObject({
      kind: 'create',
      target: 'ConfigMap settings',
      difference: { keys: [{ key: 'data.password', change: 'added' }], owner: 'set' },
    });
    expect([exitCode, canaries.findIn(new Map([['stdout', stdout]]))]).toEqual([2, []]);
    expect(await world.objects.list('ConfigMap', namespace)).not.toContainEqual(
      expect.objectContaining({ metadata: expect.objectContaining({ name: 'settings' }) }),
    );
  }, 60_000);

  it('what would be adopted loses nothing but the hash of its values', () => {
    expect(entries.get('adopted')?.difference).toMatchObject({
      keys: [],
      annotations: { added: ['keyturn.dev/source-hash'], removed: ['reconcile.external-secrets.io/data-hash'] },
      owner: 'same',
    });
    expect(entries.get('once-adopted')?.difference?.annotations.removed).toEqual([]);
    expect(entries.get('renamed')?.orphans).toEqual(['first-name']);
  });

  it('the text says the same', () => {
    for (const [name, { kind }] of entries) {
      expect(text.stdout).toMatch(new RegExp(`^${kind} +${namespace}/${name}\\b`, 'm'));
    }
    expect(text.stdout).toContain(`ClusterExternalSecret ${stage}: create ${namespace}`);
    expect(text.stdout).toMatch(/^store {5}SecretStore\/.*\/aws: read as arn:aws:/m);
    expect(text.stdout).toMatch(/^19 ExternalSecrets, .*Nothing was written\.$/m);
  });

  it('no value is in it', () => {
    const places = new Map(
      [text, json].flatMap(({ stdout, stderr }, run) => [
        [`stdout ${run}`, stdout],
        [`stderr ${run}`, stderr],
      ]),
    );
    expect(canaries.findIn(places)).toEqual([]);
    expect([text.stderr, json.stderr]).toEqual(['', '']);
  });

  it('nothing was written, and it has no right to', async () => {
    expect(written).toEqual([]);
    expect(versions.after).toBe(versions.before);
    const may = await cluster.kubectl(['auth', 'can-i', '--list'], { kubeconfigPath });
    const verbs = may.stdout.split('\n').filter((line) => /secrets|stores/.test(line));
    expect(verbs.filter((line) => /create|patch|update|delete|\*/.test(line))).toEqual([]);
  });

  it('the exit status is 2 when something would change', () => {
    expect([text.exitCode, json.exitCode]).toEqual([2, 2]);
    expect(at(JSON.parse(json.stdout), 'verdict')).toBe('changes');
  });

  it('the exit status is 0 when nothing would, of those that are asked for', async () => {
    const quiet = await plan([`${namespace}/synced`, `${namespace}/once`, `${namespace}/theirs`]);
    expect(quiet.exitCode).toBe(0);
    expect(quiet.stdout).toContain('3 ExternalSecrets, 1 nothing, 2 left.');
    expect(quiet.stdout).not.toContain(`${namespace}/moved`);
  });

  it('the exit status is 1 when AWS cannot be asked', async () => {
    const { exitCode, stdout } = await plan(['--output', 'json', `${namespace}/*`], {
      AWS_ENDPOINT_URL: NOBODY_LISTENS,
    });
    expect(exitCode).toBe(1);
    expect(at(JSON.parse(stdout), 'verdict')).toBe('unknown');
    expect(entriesOf({ exitCode, stdout, stderr: '' }, namespace).get('moved')?.kind).toBe('unknown');
  });

  it('the exit status is 1 for one that does not exist', async () => {
    const { exitCode, stdout } = await plan([`${namespace}/none-such`]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`unknown   ${namespace}/none-such: there is no such ExternalSecret`);
  });

  it('a refusal has the words that the condition has once Keyturn runs', async () => {
    const said = new Map(
      [...entries].filter(([, { kind }]) => kind === 'refused').map(([k, { message }]) => [k, message]),
    );
    expect([...said.keys()]).toEqual(['configured', 'frozen', 'nowhere', 'retyped', 'storeless', 'wrong']);
    await world.restartOperator('stop');
    for (const [name, message = ''] of said) {
      // The request id is another one at each call.
      const words = message.replace(/ \(AWS request id [^)]*\)$/, '');
      const { message: told } = await world.expectNotReady(namespace, name, /./);
      expect(told.replace(/ \(AWS request id [^)]*\)$/, ''), name).toBe(words);
    }
    await world.operator.stop();
  });
});

describe('a plan that cannot be made', () => {
  it('without the rights ends with status 1 and says which one is missing', async () => {
    const path = await cluster.kubeconfigFor({ namespace: 'keyturn', serviceAccount: 'nobody' });
    const { exitCode, stdout, stderr } = await plan(['--kubeconfig', path]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^keyturn: The operator may not list [a-z]+: .*lacks the RBAC rule .*verbs: \["list"\]/);
  });

  it('without CRDs ends with status 1 and says so', async () => {
    const bare = await startControlPlane({});
    try {
      const { exitCode, stderr } = await plan(['--kubeconfig', bare.adminKubeconfigPath]);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/does not serve .* install or upgrade the CRDs/);
    } finally {
      await bare.stop();
    }
  });
});
