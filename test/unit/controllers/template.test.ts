import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import type { SecretTemplate } from '../../../src/api/secret-template.ts';
import { World } from './world.ts';

const TWO: ExternalSecretSpec = {
  refreshInterval: '10s',
  data: [
    { secretKey: 'user', remoteRef: { key: 'prod/user' } },
    { secretKey: 'password', remoteRef: { key: 'prod/db' } },
  ],
};
const URL_TEMPLATE: SecretTemplate = {
  data: { url: 'postgres://{{ .user }}:{{ .password | urlquery }}@db/app' },
};

async function templated(template: SecretTemplate, spec: ExternalSecretSpec = {}): Promise<World> {
  const world = await World.withStore();
  world.aws.put('prod/user', 'app');
  const manifest = { labels: { team: 'red' }, annotations: { note: 'x' } };
  world.externalSecret('team/app', { ...TWO, target: { template }, ...spec }, manifest);
  await world.settle();
  return world;
}

const target = (world: World) => world.cluster.secrets.view.get('team/app');

describe('a target with a template', () => {
  test('holds what the template makes of the values, and not the values themselves', async () => {
    const world = await templated(URL_TEMPLATE);
    expect(world.secret()).toEqual({ url: 'postgres://app:value-1@db/app' });
    world.expectSynced();
  });

  test('keeps the values beside it with mergePolicy Merge', async () => {
    const world = await templated({ ...URL_TEMPLATE, mergePolicy: 'Merge' });
    expect(world.secret()).toMatchObject({ user: 'app', password: 'value-1', url: 'postgres://app:value-1@db/app' });
  });

  test('takes the values as they are where it has no data', async () => {
    const world = await templated({ type: 'kubernetes.io/basic-auth' });
    expect(world.secret()).toEqual({ user: 'app', password: 'value-1' });
  });

  test('has labels and annotations of the template only, rendered', async () => {
    const world = await templated({
      ...URL_TEMPLATE,
      metadata: { labels: { user: '{{ .user }}' }, annotations: { a: 'b' } },
    });
    expect(target(world)?.labels).toMatchObject({ user: 'app', 'reconcile.external-secrets.io/managed': 'true' });
    expect(target(world)?.labels).not.toHaveProperty('team');
    expect(target(world)?.annotations).toMatchObject({ a: 'b' });
    expect(target(world)?.annotations).not.toHaveProperty('note');
  });

  test('copies nothing from the ExternalSecret where it is empty', async () => {
    const world = await templated({});
    expect(target(world)?.labels).not.toHaveProperty('team');
  });

  test('reads a literal as a map of keys and values', async () => {
    const world = await templated({ templateFrom: [{ literal: 'a: {{ .user }}\nb: "{{ .password }}"' }] });
    expect(world.secret()).toEqual({ a: 'app', b: 'value-1' });
  });

  test('follows rotations, and costs nothing while nothing changes, not even after a restart', async () => {
    const world = await templated({ ...URL_TEMPLATE, metadata: { labels: { user: '{{ .user }}' } } });
    world.aws.put('prod/db', 'value-2');
    await world.advance(20_000);
    expect(world.secret()).toEqual({ url: 'postgres://app:value-2@db/app' });
    world.forgetCalls();
    await world.advance(60_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0, reads: 0 });
    await world.restart();
    await world.advance(1_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0, reads: 0 });
  });

  test('is deleted with its sources, although nothing can be rendered without them', async () => {
    const world = await templated(URL_TEMPLATE, { target: { template: URL_TEMPLATE, deletionPolicy: 'Delete' } });
    world.aws.remove('prod/db');
    world.aws.remove('prod/user');
    await world.advance(30_000);
    expect(world.secret()).toBeUndefined();
    world.expectCondition('True', 'SecretDeleted', '');
  });

  test('does not render anew what is made by chance', async () => {
    const world = await templated({ data: { token: '{{ randAlphaNum 20 }}' } });
    const before = world.secret();
    await world.restart();
    await world.advance(60_000);
    expect(world.secret()).toEqual(before);
  });

  test('is put right when somebody edits it', async () => {
    const world = await templated(URL_TEMPLATE);
    await world.advance(5_000);
    world.cluster.secrets.edit('team/app', { data: { url: 'edited' } });
    await world.settle();
    expect(world.secret()).toEqual({ url: 'postgres://app:value-1@db/app' });
  });

  test('is written anew when the template changes, without the labels that are gone from it', async () => {
    const world = await templated({ ...URL_TEMPLATE, metadata: { labels: { old: 'x' } } });
    world.externalSecret('team/app', { ...TWO, target: { template: { data: { only: '{{ .user }}' } } } });
    await world.settle();
    expect(world.secret()).toEqual({ only: 'app' });
    expect(target(world)?.labels).not.toHaveProperty('old');
  });

  test.each<[string, SecretTemplate, string]>([
    ['that does not parse', { data: { a: '{{ .user' } }, 'unclosed action'],
    ['that names a value that is not there', { data: { a: '{{ .nope }}' } }, 'map has no entry for key'],
    [
      'that makes a token of a ServiceAccount',
      { type: 'bootstrap.kubernetes.io/token' },
      'bootstrap.kubernetes.io/token',
    ],
    ['that gives a label what none can hold', { metadata: { labels: { a: '{{ .password }}!' } } }, 'label'],
    [
      'that never ends',
      { data: { a: '{{ range until 1000000 }}{{ range until 1000000 }}x{{ end }}{{ end }}' } },
      'limit',
    ],
    [
      'from a ConfigMap that does not exist',
      { templateFrom: [{ configMap: { name: 'c', items: [{ key: 'k' }] } }] },
      'could not update secret: spec.target.template.templateFrom: ConfigMap "c" does not exist; create it, or correct the manifest',
    ],
    [
      'from a Secret that does not exist',
      { templateFrom: [{ secret: { name: 's', items: [{ key: 'k' }] } }] },
      'Secret "s" does not exist',
    ],
    [
      'that makes a token of a ServiceAccount by an annotation which it renders',
      {
        type: 'kubernetes.io/service-account-token',
        metadata: { annotations: { 'kubernetes.io/service-account.name': '{{ .user }}' } },
      },
      'kubernetes.io/service-account-token',
    ],
    [
      'that is for another part than a Secret has',
      { templateFrom: [{ target: 'spec', literal: 'a: b' }] },
      'no part of a Secret',
    ],
  ])('%s says so, and keeps the last good Secret', async (_, template, message) => {
    const world = await templated(URL_TEMPLATE);
    world.externalSecret('team/app', { ...TWO, target: { template } });
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', message);
    expect(world.secret()).toEqual({ url: 'postgres://app:value-1@db/app' });
    expect(JSON.stringify(world.cluster.status('ExternalSecret', 'team/app'))).not.toContain('value-1');
  });

  test('that tells a value by fail does not tell it to anybody else', async () => {
    const world = await templated({ data: { a: '{{ fail .password }}' } });
    world.expectCondition('False', 'SecretSyncedError', 'the template');
    expect(JSON.stringify(world.cluster.status('ExternalSecret', 'team/app'))).not.toContain('value-1');
    expect(JSON.stringify(world.cluster.notes)).not.toContain('value-1');
  });

  test('has the type and the finalizers of its template, beside those of others', async () => {
    const world = await templated({
      ...URL_TEMPLATE,
      type: 'kubernetes.io/basic-auth',
      metadata: { finalizers: ['a.example/b'] },
    });
    expect(world.cluster.secrets.typeOf('team/app')).toBe('kubernetes.io/basic-auth');
    expect(target(world)?.finalizers).toEqual(['a.example/b']);
    world.cluster.secrets.edit('team/app', { finalizers: ['a.example/b', 'c.example/d'] });
    world.aws.put('prod/db', 'value-2');
    world.externalSecret('team/app', {
      ...TWO,
      target: {
        template: { ...URL_TEMPLATE, type: 'kubernetes.io/basic-auth', metadata: { finalizers: ['e.example/f'] } },
      },
    });
    await world.settle();
    expect(target(world)?.finalizers).toEqual(['a.example/b', 'c.example/d', 'e.example/f']);
  });

  test('of another type than the Secret has is told, and the Secret stays', async () => {
    const world = await templated(URL_TEMPLATE);
    world.externalSecret('team/app', { ...TWO, target: { template: { ...URL_TEMPLATE, type: 'kubernetes.io/tls' } } });
    await world.advance(5_000);
    world.expectCondition('False', 'SecretSyncedError', 'could not update secret');
    expect(world.secret()).toEqual({ url: 'postgres://app:value-1@db/app' });
  });

  test('is retained when AWS answers with nothing, however much its template would make of that', async () => {
    const world = await templated(
      { data: { fixed: 'x' } },
      { data: [], dataFrom: [{ extract: { key: 'prod/json' } }] },
    );
    world.aws.put('prod/json', '{}');
    await world.advance(20_000);
    world.expectCondition('True', 'SecretSynced', 'retained');
    expect(world.secret()).toBeUndefined();
  });

  test('under deletionPolicy Merge keeps what its template gives without the sources', async () => {
    const template = { data: { fixed: 'x' } };
    const world = await templated(template, { target: { template, deletionPolicy: 'Merge' } });
    world.aws.remove('prod/user');
    world.aws.remove('prod/db');
    await world.advance(60_000);
    expect(world.secret()).toEqual({ fixed: 'x' });
    world.expectSynced();
  });

  test('deletes its Secret when all of its sources are gone and the policy says so', async () => {
    const world = await templated(
      { data: { fixed: 'x' } },
      { target: { template: { data: { fixed: 'x' } }, deletionPolicy: 'Delete' } },
    );
    expect(world.secret()).toEqual({ fixed: 'x' });
    world.aws.remove('prod/user');
    world.aws.remove('prod/db');
    await world.advance(60_000);
    expect(world.secret()).toBeUndefined();
  });
});
