/** What a poisoned template does to others: nothing. And how it ends: by being corrected. */

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

/** What others may have to wait meanwhile. Templates that take all the time there is take five seconds, again and again. */
const SOON_MS = 3_000;
const ROUNDS = 10;
/** Objects that take long wait for each other. */
const ALL_SLOW_MS = 40_000;

/** Each within the limits of one template. */
const SLOW: Json = Object.fromEntries(
  Array.from({ length: 500 }, (_, index) => [`a${index}`, '{{ range 300000 }}{{ end }}']),
);

const POISONS: Readonly<Record<string, Json>> = {
  cyclic: { a: '{{ define "loop" }}{{ template "loop" }}{{ end }}{{ template "loop" }}' },
  large: { a: '{{ range 1000 }}{{ repeat 10000 "x" }}{{ end }}' },
  endless: { a: '{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}' },
  doubling: { a: '{{ $x := list .user }}{{ range 60 }}{{ $x = concat $x $x }}{{ end }}' },
  'slow-1': SLOW,
  'slow-2': SLOW,
  'slow-3': SLOW,
};

let world: World;
let namespace: string;
let user: string;
let key: string;

beforeAll(async () => {
  world = await startWorld();
});

beforeEach(async () => {
  namespace = await world.namespace('poisoned');
  await world.store(namespace);
  user = world.canary();
  ({ name: key } = await world.putSecret({ user }));
});

afterAll(() => endFaultless(world));

const apply = (name: string, data: Json) =>
  world.externalSecret(namespace, name, { dataFrom: [{ extract: { key } }], target: { template: { data } } });

it('others are synced at once while poisoned ones run, with templates and without', async () => {
  for (const name of Object.keys(POISONS)) await apply(name, { a: 'good {{ .user }}' });
  for (const name of Object.keys(POISONS)) await world.expectData(namespace, name, { a: `good ${user}` });
  const kept = await Promise.all(Object.keys(POISONS).map((name) => world.secret(namespace, name)));
  for (const [name, data] of Object.entries(POISONS)) await apply(name, data);
  for (let round = 0; round < ROUNDS; round++) {
    await apply('healthy', { b: `${round} {{ .user }}` });
    await world.expectData(namespace, 'healthy', { b: `${round} ${user}` }, SOON_MS);
    await world.externalSecret(namespace, 'plain', {
      data: [{ secretKey: `c${round}`, remoteRef: { key, property: 'user' } }],
    });
    await world.expectData(namespace, 'plain', { [`c${round}`]: user }, SOON_MS);
  }
  for (const name of Object.keys(POISONS)) {
    await world.expectNotReady(namespace, name, /exceeded .*(limit|depth)/, ALL_SLOW_MS);
  }
  expect(await Promise.all(Object.keys(POISONS).map((name) => world.secret(namespace, name)))).toEqual(kept);
  for (const name of Object.keys(POISONS)) await apply(name, { a: 'better {{ .user }}' });
  for (const name of Object.keys(POISONS)) await world.expectData(namespace, name, { a: `better ${user}` });
});

it('a poisoned ConfigMap is told, and what uses it is back when the ConfigMap is good again', async () => {
  const configMap = (text: string) => world.objects.apply('ConfigMap', namespace, 'texts', { data: { a: text } });
  await configMap('good {{ .user }}');
  for (const name of ['one', 'two']) {
    await world.externalSecret(namespace, name, {
      dataFrom: [{ extract: { key } }],
      target: { template: { templateFrom: [{ configMap: { name: 'texts', items: [{ key: 'a' }] } }] } },
    });
    await world.expectData(namespace, name, { a: `good ${user}` });
  }
  await configMap('{{ define "loop" }}{{ template "loop" }}{{ end }}{{ template "loop" }}');
  for (const name of ['one', 'two']) {
    await world.expectTold(namespace, name, ['configMap "texts"', 'exceeded maximum template depth']);
    expect(await world.secretData(namespace, name)).toEqual({ a: `good ${user}` });
  }
  await configMap('better {{ .user }}');
  for (const name of ['one', 'two']) await world.expectData(namespace, name, { a: `better ${user}` });
});

it('a rotation reaches all others while one cannot be rendered, and that one when it can', async () => {
  const spec = (data: Json) => ({
    refreshInterval: '1s',
    dataFrom: [{ extract: { key } }],
    target: { template: { data } },
  });
  await world.externalSecret(
    namespace,
    'picky',
    spec({ a: '{{ .user | mustRegexFind "^canary-.*" | mustToJson }}', b: '{{ .extra }}' }),
  );
  await world.externalSecret(namespace, 'healthy', spec({ a: '{{ .user }}' }));
  await world.expectNotReady(namespace, 'picky', /no entry for key "extra"/);
  const next = world.canary();
  await world.putSecret({ user: next }, key);
  await world.expectData(namespace, 'healthy', { a: next });
  await world.putSecret({ user: next, extra: 'x' }, key);
  await world.expectData(namespace, 'picky', { a: JSON.stringify(next), b: 'x' });
  await world.expectReady(namespace, 'picky');
  await world.expectReady(namespace, 'healthy');
});
