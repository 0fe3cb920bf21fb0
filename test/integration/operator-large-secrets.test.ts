/** Secrets of a thousand keys, and of all bytes that a Secret can have: made, changed, kept, and told where they do not fit. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

const LARGEST_BYTES = 1024 * 1024;

let world: World;
let namespace: string;
beforeAll(async () => {
  world = await startWorld();
  namespace = await world.namespace('large');
  await world.store(namespace);
});
afterAll(() => endFaultless(world));

/** Keys `key-0` and so on, each with this value. */
function thousand(value: (index: number) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key-${index}`, value(index)]));
}

const version = async (name: string) => at(await world.secret(namespace, name), 'metadata', 'resourceVersion');

/** How often the operator that runs now has looked at an object. */
async function looksAt(name: string): Promise<number> {
  const metrics = await fetch(`${await world.operator.metricsUrl()}/metrics`, { signal: AbortSignal.timeout(5_000) });
  const series = new RegExp(`^externalsecret_sync_calls_total\\{.*name="${name}".*\\} (\\d+)$`, 'm');
  return Number(series.exec(await metrics.text())?.[1] ?? 0);
}

/** Another operator finds nothing to write, neither at its first look nor when AWS has answered. */
async function expectSettled(name: string): Promise<void> {
  const before = await version(name);
  await world.restartOperator('stop');
  await until(`two looks at ${name}`, async () => (await looksAt(name)) >= 2, 10_000);
  expect(await version(name)).toBe(before);
}

describe('a thousand keys', () => {
  it('by extract: made, changed one by one, taken away, and left alone', async () => {
    const value = world.canary();
    const { name: key } = await world.putSecret(thousand(() => value.slice(0, 24)));
    await world.externalSecret(namespace, 'extracted', { refreshInterval: '1s', dataFrom: [{ extract: { key } }] });
    await world.expectData(
      namespace,
      'extracted',
      thousand(() => value.slice(0, 24)),
    );
    await world.putSecret({ ...thousand((index) => `${index}`), more: value }, key);
    await world.expectData(namespace, 'extracted', { ...thousand((index) => `${index}`), more: value });
    await world.putSecret({ more: value }, key);
    await world.expectData(namespace, 'extracted', { more: value });
    await expectSettled('extracted');
  });

  it('by a thousand entries', async () => {
    const value = world.canary();
    const { name: key } = await world.putSecret(thousand((index) => `${index} ${value}`));
    const data = Array.from({ length: 1000 }, (_, index) => ({
      secretKey: `key-${index}`,
      remoteRef: { key, property: `key-${index}` },
    }));
    await world.externalSecret(namespace, 'entries', { data });
    await world.expectData(
      namespace,
      'entries',
      thousand((index) => `${index} ${value}`),
    );
  });

  it('by a template, of a thousand bytes each', async () => {
    const value = world.canary();
    const { name: key } = await world.putSecret({ value });
    const literal = (bytes: number) =>
      `{{ range $i, $_ := until 1000 }}key-{{ $i }}: "{{ $.value }}{{ repeat ${bytes - value.length} "x" }}"\n{{ end }}`;
    const spec = (text: string): Json => ({
      dataFrom: [{ extract: { key } }],
      target: { template: { templateFrom: [{ literal: text }] } },
    });
    await world.externalSecret(namespace, 'rendered', spec(literal(1000)));
    await world.expectData(
      namespace,
      'rendered',
      thousand(() => value.padEnd(1000, 'x')),
    );
    await world.externalSecret(namespace, 'rendered', spec(literal(1100)));
    await world.expectNotReady(namespace, 'rendered', /a Secret holds at most 1048576 bytes of data/);
    expect(await world.secretData(namespace, 'rendered')).toEqual(thousand(() => value.padEnd(1000, 'x')));
    await world.externalSecret(namespace, 'rendered', spec(literal(1001)));
    await world.expectData(
      namespace,
      'rendered',
      thousand(() => value.padEnd(1001, 'x')),
    );
    await expectSettled('rendered');
  });
});

describe('a value', () => {
  it('of 1 MiB fits, and a byte more does not', async () => {
    const spec = (bytes: number): Json => ({
      dataFrom: [{ extract: { key } }],
      target: { template: { data: { a: `{{ .a }}{{ repeat ${bytes - a.length} "x" }}` } } },
    });
    const a = world.canary();
    const { name: key } = await world.putSecret({ a });
    await world.externalSecret(namespace, 'whole', spec(LARGEST_BYTES));
    await world.expectData(namespace, 'whole', { a: a.padEnd(LARGEST_BYTES, 'x') });
    await world.externalSecret(namespace, 'whole', spec(LARGEST_BYTES + 1));
    await world.expectNotReady(namespace, 'whole', /a Secret holds at most 1048576 bytes of data/);
    expect((await world.secretData(namespace, 'whole'))?.['a']).toHaveLength(LARGEST_BYTES);
  });
});

/** The API server gives up `managedFields` where the object would else be too large for etcd. */
describe('keys with names so long that nothing tells whose they are', () => {
  const names = (count: number, letter: string): Json => ({
    target: {
      template: {
        templateFrom: [
          { literal: `{{ range $i, $_ := until ${count} }}key-{{ $i }}-{{ repeat 240 "${letter}" }}: x\n{{ end }}` },
        ],
      },
    },
  });

  it('are written, replaced by others, and taken away', async () => {
    const { name: key } = await world.putSecret({ a: world.canary() });
    const apply = (spec: Json) =>
      world.externalSecret(namespace, 'names', { dataFrom: [{ extract: { key } }], ...spec });
    const expectKeys = async (count: number, letter: string) => {
      const wanted = Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`key-${index}-${letter.repeat(240)}`, 'x']),
      );
      await world.expectData(namespace, 'names', wanted);
    };
    await apply(names(4000, 'k'));
    await expectKeys(4000, 'k');
    expect(at(await world.secret(namespace, 'names'), 'metadata', 'managedFields')).toBeUndefined();
    await expectSettled('names');
    await apply(names(100, 'z'));
    await expectKeys(100, 'z');
    await expectSettled('names');
  });
});
