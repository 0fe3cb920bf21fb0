/** Which values reach the Secret: how a secret is named, which part and version of it is taken, and under which keys. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';

let world: World;
let namespace: string;
beforeAll(async () => {
  world = await startWorld();
  namespace = await world.namespace('values');
  await world.store(namespace);
});
afterAll(() => world.stop());

/** Applies an ExternalSecret with one `data` entry, `value`, and waits for its value. */
async function expectValue(remoteRef: Readonly<Record<string, string>>, value: string): Promise<void> {
  const name = world.uniqueName('data');
  await world.externalSecret(namespace, name, { data: [{ secretKey: 'value', remoteRef }] });
  await world.expectReady(namespace, name);
  expect(await world.secretData(namespace, name)).toEqual({ value });
}

/** Applies an ExternalSecret with that spec, and waits for its data. */
async function expectData(
  spec: Readonly<Record<string, unknown>>,
  data: Readonly<Record<string, string>>,
): Promise<void> {
  const name = world.uniqueName('from');
  await world.externalSecret(namespace, name, spec);
  await world.expectReady(namespace, name);
  expect(await world.secretData(namespace, name)).toEqual(data);
}

describe('a secret is found', () => {
  let secret: AwsSecret;
  let value: string;
  beforeAll(async () => {
    value = world.canary();
    secret = await world.putSecret(value);
  });

  it('by its name', () => expectValue({ key: secret.name }, value));
  it('by its full ARN', () => expectValue({ key: secret.arn }, value));
  it('by its ARN without the random suffix', () => expectValue({ key: secret.arn.replace(/-\w{6}$/, '') }, value));

  it("with the store's prefix before its name", async () => {
    const name = world.uniqueName('prefixed');
    await world.store(namespace, { name, aws: { prefix: secret.name.slice(0, 5) } });
    const remoteRef = { key: secret.name.slice(5) };
    await expectData({ secretStoreRef: { name }, data: [{ secretKey: 'value', remoteRef }] }, { value });
  });
});

describe('of a secret that holds JSON', () => {
  it('a property is taken by name, by dotted path, and by index', async () => {
    const [user, nested, second] = [world.canary(), world.canary(), world.canary()];
    const { name: key } = await world.putSecret({ user, db: { pass: nested }, hosts: ['x', { name: second }] });
    const entry = (secretKey: string, property: string) => ({ secretKey, remoteRef: { key, property } });
    await expectData(
      { data: [entry('user', 'user'), entry('pass', 'db.pass'), entry('host', 'hosts.1.name')] },
      { user, pass: nested, host: second },
    );
  });

  it('a property is found by a query, a wildcard, and what gjson makes of the secret', async () => {
    const [reader, writer] = [world.canary(), world.canary()];
    const users = [
      { name: 'reader', pass: reader },
      { name: 'writer', pass: writer },
    ];
    const { name: key } = await world.putSecret({ users, url_v2: 'db.test', inner: JSON.stringify({ port: 5432 }) });
    const entry = (secretKey: string, property: string) => ({ secretKey, remoteRef: { key, property } });
    await expectData(
      {
        data: [
          entry('pass', 'users.#(name=="writer").pass'),
          entry('url', 'url*'),
          entry('port', 'inner.@fromstr.port'),
          entry('login', 'users|0|{"user":name,pass}'),
        ],
      },
      { pass: writer, url: 'db.test', port: '5432', login: `{"user":"reader","pass":"${reader}"}` },
    );
  });

  it('a key with dots in it comes before the path that it looks like', async () => {
    const literal = world.canary();
    const { name: key } = await world.putSecret({ 'db.pass': literal, db: { pass: world.canary() } });
    await expectValue({ key, property: 'db.pass' }, literal);
  });

  it('an object, a number, a boolean and null become the text that upstream makes of them', async () => {
    const inner = `{ "a": "${world.canary()}" }`;
    const { name: key } = await world.putSecret(`{"o":${inner},"i":12345678901234567890,"f":1.50,"b":true,"n":null}`);
    const data = ['o', 'i', 'f', 'b', 'n'].map((property) => ({ secretKey: property, remoteRef: { key, property } }));
    await expectData({ data }, { o: inner, i: '12345678901234567890', f: '1.5', b: 'true', n: '' });
  });
});

describe('a version is taken', () => {
  let first: AwsSecret;
  let old: string;
  let now: string;
  beforeAll(async () => {
    [old, now] = [world.canary(), world.canary()];
    first = await world.putSecret(old);
    await world.putSecret(now, first.name);
  });

  it('AWSCURRENT without being asked for', () => expectValue({ key: first.name }, now));
  it('by the stage AWSPREVIOUS', () => expectValue({ key: first.name, version: 'AWSPREVIOUS' }, old));
  it('by its id', () => expectValue({ key: first.name, version: `uuid/${first.versionId}` }, old));

  it('and one that does not exist is told', async () => {
    const version = `uuid/${randomUUID()}`;
    await world.externalSecret(namespace, 'no-version', {
      data: [{ secretKey: 'value', remoteRef: { key: first.name, version } }],
    });
    const { message } = await world.expectNotReady(namespace, 'no-version', /has no version/);
    expect(message).toContain(first.name);
    expect(message).toContain(version.slice('uuid/'.length));
    expect(message).toContain('spec.data[0]');
  });
});

describe('bytes arrive as they are', () => {
  const bytesOf = async (name: string) => {
    const secret = await world.objects.get('Secret', namespace, name);
    return Buffer.from(String(Object(secret?.['data'])['value']), 'base64');
  };

  it('from a SecretString, with line ends, NUL, and characters of every length', async () => {
    const text = `${world.canary()}\r\n\u0000 é € 😀\n\n`;
    const { name: key } = await world.putSecret(text);
    await world.externalSecret(namespace, 'text', { data: [{ secretKey: 'value', remoteRef: { key } }] });
    await world.expectReady(namespace, 'text');
    expect(await bytesOf('text')).toEqual(Buffer.from(text, 'utf8'));
  });

  it('from a SecretBinary that is no text', async () => {
    const bytes = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, n) => n)), Buffer.from(world.canary())]);
    const { name: key } = await world.putSecret(bytes);
    await world.externalSecret(namespace, 'binary', { data: [{ secretKey: 'value', remoteRef: { key } }] });
    await world.expectReady(namespace, 'binary');
    expect(await bytesOf('binary')).toEqual(bytes);
  });

  it('decoded, when decodingStrategy asks for it', async () => {
    const value = world.canary();
    const { name: key } = await world.putSecret(Buffer.from(value).toString('base64'));
    await expectData({ data: [{ secretKey: 'value', remoteRef: { key, decodingStrategy: 'Base64' } }] }, { value });
  });
});

describe('extract', () => {
  it('makes a key of each member, and takes numbers and objects as they are written', async () => {
    const user = world.canary();
    const { name: key } = await world.putSecret(`{"user":"${user}","port":5432.0,"tls":{"on": true},"none":null}`);
    await expectData({ dataFrom: [{ extract: { key } }] }, { user, port: '5432.0', tls: '{"on": true}', none: '' });
  });

  it('takes keys that mean something to JavaScript as any other', async () => {
    const [first, second] = [world.canary(), world.canary()];
    const { name: key } = await world.putSecret(`{"__proto__":"${first}","constructor":"${second}","toString":""}`);
    await world.externalSecret(namespace, 'names', { dataFrom: [{ extract: { key } }] });
    await world.expectReady(namespace, 'names');
    expect(Object.entries((await world.secretData(namespace, 'names')) ?? {}).toSorted()).toEqual([
      ['__proto__', first],
      ['constructor', second],
      ['toString', ''],
    ]);
  });

  it('can start at a property', async () => {
    const user = world.canary();
    const { name: key } = await world.putSecret({ prod: { user }, test: { user: world.canary() } });
    await expectData({ dataFrom: [{ extract: { key, property: 'prod' } }] }, { user });
  });

  it('turns characters that a key cannot have into _, or into their code points', async () => {
    const [slash, space] = [world.canary(), world.canary()];
    const { name: key } = await world.putSecret({ 'a/b': slash, 'c d': space });
    await expectData({ dataFrom: [{ extract: { key } }] }, { a_b: slash, c_d: space });
    await expectData(
      { dataFrom: [{ extract: { key, conversionStrategy: 'Unicode' } }] },
      { a_U002f_b: slash, c_U0020_d: space },
    );
  });

  it('is overruled by a later extract, and by data wherever it stands', async () => {
    const [a, b, c] = [world.canary(), world.canary(), world.canary()];
    const first = await world.putSecret({ one: world.canary(), two: world.canary(), three: a });
    const second = await world.putSecret({ one: world.canary(), two: b });
    const third = await world.putSecret(c);
    await expectData(
      {
        data: [{ secretKey: 'one', remoteRef: { key: third.name } }],
        dataFrom: [{ extract: { key: first.name } }, { extract: { key: second.name } }],
      },
      { one: c, two: b, three: a },
    );
  });
});

it('no value was told to anybody', async () => {
  expect(await world.leaks()).toEqual([]);
});

it('and the search for values would have found one, in base64 and cut short too', async () => {
  const canary = world.canary();
  const hidden = Buffer.from(`{"password":"${canary}"}`, 'utf8').toString('base64').slice(0, 50);
  await world.objects.patch('SecretStore', namespace, 'aws', { metadata: { annotations: { hidden } } });
  expect(await world.leaks()).toEqual([expect.stringContaining(`SecretStore ${namespace}/aws has `)]);
});
