/** `spec.target.template` on a real API server: types, metadata, and what is refused. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, type Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

const EACH_SECOND = { refreshInterval: '1s' };

let world: World;
let namespace: string;

beforeAll(async () => {
  world = await startWorld();
  namespace = await world.namespace('template');
  await world.store(namespace);
});

afterAll(() => endFaultless(world));

async function databaseKey(user: string, password: string): Promise<string> {
  return (await world.putSecret(JSON.stringify({ user, password, host: 'db.example' }))).name;
}

describe('a template', () => {
  it('makes a database URL and follows a rotation', async () => {
    const [user, first, second] = [world.canary(), world.canary(), world.canary()];
    const key = await databaseKey(user, first);
    const template = { data: { url: 'postgres://{{ .user }}:{{ .password }}@{{ .host }}/app' } };
    await world.externalSecret(namespace, 'url', {
      ...EACH_SECOND,
      dataFrom: [{ extract: { key } }],
      target: { template },
    });
    await world.expectData(namespace, 'url', { url: `postgres://${user}:${first}@db.example/app` });
    await world.putSecret(JSON.stringify({ user, password: second, host: 'db.example' }), key);
    await world.expectData(namespace, 'url', { url: `postgres://${user}:${second}@db.example/app` });
  });

  it('makes a pull secret of its type, with labels of its own', async () => {
    const [user, password] = [world.canary(), world.canary()];
    const key = await databaseKey(user, password);
    const auth = '{{ printf "%s:%s" .user .password | b64enc }}';
    const template = {
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { labels: { app: 'registry' }, annotations: { host: '{{ .host }}' } },
      data: { '.dockerconfigjson': `{"auths":{"registry.example":{"auth":"${auth}"}}}` },
    };
    const spec = { ...EACH_SECOND, dataFrom: [{ extract: { key } }], target: { template } };
    await world.externalSecret(namespace, 'pull', spec, { labels: { team: 'red' } });
    await world.expectData(namespace, 'pull', {
      '.dockerconfigjson': JSON.stringify({
        auths: { 'registry.example': { auth: Buffer.from(`${user}:${password}`).toString('base64') } },
      }),
    });
    const secret = await world.objects.get('Secret', namespace, 'pull');
    expect(at(secret, 'type')).toBe('kubernetes.io/dockerconfigjson');
    expect(at(secret, 'metadata', 'labels')).toMatchObject({ app: 'registry' });
    expect(at(secret, 'metadata', 'labels')).not.toHaveProperty('team');
    expect(at(secret, 'metadata', 'annotations')).toMatchObject({ host: 'db.example' });
  });

  it('that fails says where and never what, and the last good Secret stays', async () => {
    const [user, password] = [world.canary(), world.canary()];
    const key = await databaseKey(user, password);
    const spec = (text: string) => ({
      ...EACH_SECOND,
      dataFrom: [{ extract: { key } }],
      target: { template: { data: { a: text } } },
    });
    await world.externalSecret(namespace, 'failing', spec('{{ .user }}'));
    await world.expectData(namespace, 'failing', { a: user });
    await world.externalSecret(namespace, 'failing', spec('{{ .user | fail }}'));
    await world.expectNotReady(namespace, 'failing', /the template for "a"/);
    await world.externalSecret(namespace, 'failing', spec('{{ range until 100000000 }}{{ end }}'));
    await world.expectNotReady(namespace, 'failing', /limit/);
    expect(await world.secretData(namespace, 'failing')).toEqual({ a: user });
    await world.externalSecret(namespace, 'failing', spec('{{ .password }}'));
    await world.expectData(namespace, 'failing', { a: password });
  });

  it('of another type than the Secret has is refused by the API server, and told', async () => {
    const key = await databaseKey(world.canary(), world.canary());
    const spec = (template: object) => ({ ...EACH_SECOND, dataFrom: [{ extract: { key } }], target: { template } });
    await world.externalSecret(namespace, 'typed', spec({ data: { a: 'x' } }));
    await world.expectData(namespace, 'typed', { a: 'x' });
    await world.externalSecret(namespace, 'typed', spec({ type: 'kubernetes.io/basic-auth', data: { a: 'x' } }));
    await world.expectNotReady(namespace, 'typed', /type/);
  });
});

describe('templates that are kept elsewhere', () => {
  const configMap = (data: Json) => world.objects.apply('ConfigMap', namespace, 'texts', { data });

  it('are rendered, and rendered anew when they change', async () => {
    const [user, password] = [world.canary(), world.canary()];
    const key = await databaseKey(user, password);
    await configMap({ 'app.conf': 'user={{ .user }}' });
    await world.objects.apply('Secret', namespace, 'more', {
      stringData: { lines: 'pass: {{ .password | quote }}\nhost: {{ .host }}' },
    });
    const templateFrom = [
      { configMap: { name: 'texts', items: [{ key: 'app.conf' }] } },
      { secret: { name: 'more', items: [{ key: 'lines', templateAs: 'KeysAndValues' }] } },
      { target: 'Annotations', literal: 'made-for: "{{ .host }}"' },
    ];
    await world.externalSecret(namespace, 'kept', {
      dataFrom: [{ extract: { key } }],
      target: { template: { templateFrom } },
    });
    await world.expectData(namespace, 'kept', { 'app.conf': `user=${user}`, pass: password, host: 'db.example' });
    await configMap({ 'app.conf': 'changed={{ .user }}' });
    await world.expectData(namespace, 'kept', { 'app.conf': `changed=${user}`, pass: password, host: 'db.example' });
    await world.objects.apply('Secret', namespace, 'more', { stringData: { lines: 'only: {{ .password | quote }}' } });
    await world.expectData(namespace, 'kept', { 'app.conf': `changed=${user}`, only: password });
    const secret = await world.objects.get('Secret', namespace, 'kept');
    expect(at(secret, 'metadata', 'annotations')).toMatchObject({ 'made-for': 'db.example' });
    await world.expectReady(namespace, 'kept');
  });

  it('and do not exist are told, and looked for when they are made', async () => {
    const password = world.canary();
    const { name: key } = await world.putSecret(password);
    await world.externalSecret(namespace, 'waiting', {
      data: [{ secretKey: 'password', remoteRef: { key } }],
      target: { template: { templateFrom: [{ configMap: { name: 'later', items: [{ key: 'a' }] } }] } },
    });
    await world.expectNotReady(namespace, 'waiting', /could not update secret: .*ConfigMap "later" does not exist/);
    await world.objects.apply('ConfigMap', namespace, 'later', { data: { b: 'x' } });
    await world.expectNotReady(namespace, 'waiting', /ConfigMap "later" has no key "a"/);
    await world.objects.apply('ConfigMap', namespace, 'later', { data: { a: 'is {{ .password }}' } });
    await world.expectData(namespace, 'waiting', { a: `is ${password}` });
  });

  it('cost nothing after a restart when nothing has changed', async () => {
    const before = await world.objects.get('Secret', namespace, 'kept');
    await world.restartOperator('kill');
    await world.expectReady(namespace, 'kept');
    await world.operator.waitForLog(({ msg }) => msg === 'ready', 15_000);
    expect(at(await world.objects.get('Secret', namespace, 'kept'), 'metadata', 'resourceVersion')).toBe(
      at(before, 'metadata', 'resourceVersion'),
    );
  });
});
