/** The SDK reads its own variables from the process, so these tests set them there, and nowhere else. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidCredentials } from '../../../src/ports/errors.ts';
import { stsRefusal } from '../../contract/fake-answers.ts';
import { fakeWorld, NEVER, readAll } from './source-on-fake.ts';

const CHAIN = { kind: 'defaultChain' } as const;
const ROLE = 'arn:aws:iam::123456789012:role/app';

describe('the default chain', () => {
  const before = { ...process.env };
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'keyturn-chain-'));
    forgetAws();
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
    process.env['AWS_CONFIG_FILE'] = join(directory, 'config');
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(directory, 'credentials');
  });
  afterEach(() => {
    forgetAws();
    Object.assign(process.env, before);
    rmSync(directory, { recursive: true });
  });

  function forgetAws(): void {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  }

  function useWebIdentity(tokenFile: string): void {
    process.env['AWS_ROLE_ARN'] = ROLE;
    process.env['AWS_WEB_IDENTITY_TOKEN_FILE'] = tokenFile;
  }

  it('takes the keys of the environment, and the SDK its own endpoint variables', async () => {
    await using world = await fakeWorld({ env: {} });
    const { fake, sources } = world;
    process.env['AWS_ACCESS_KEY_ID'] = fake.credentials.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = fake.credentials.secretAccessKey;
    process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = fake.url;
    process.env['AWS_ENDPOINT_URL'] = fake.url;
    fake.store.put('a', 'value a');
    const source = sources.open({ key: 'chain', region: fake.region, credentials: CHAIN });
    expect(await readAll(source, ['a'])).toEqual(['value a']);
    expect((await source.whoAmI(NEVER)).account).toBe('123456789012');
  });

  it('is asked once for sources of all regions', async () => {
    await using world = await fakeWorld();
    const { fake, sources } = world;
    const token = join(directory, 'token');
    writeFileSync(token, 'fake.jwt.token');
    useWebIdentity(token);
    fake.store.put('a', 'value a');
    for (const region of ['eu-west-1', 'us-east-1']) {
      const source = sources.open({ key: region, region, credentials: CHAIN });
      expect(await readAll(source, ['a', 'b'])).toEqual(['value a', expect.any(Error)]);
    }
    expect(fake.callsOf('AssumeRoleWithWebIdentity')).toHaveLength(1);
  });

  it('shows the token that the kubelet has put there since when the session is renewed, five minutes before its end', async () => {
    await using world = await fakeWorld();
    const { fake, sources } = world;
    const token = join(directory, 'token');
    writeFileSync(token, 'first.jwt.token');
    useWebIdentity(token);
    fake.store.put('a', 'value a');
    fake.sessionMs = 5 * 60_000 + 300;
    const source = sources.open({ key: 'chain', region: fake.region, credentials: CHAIN });
    for (let time = 0; time < 3; time += 1) expect(await readAll(source, ['a'])).toEqual(['value a']);
    expect(fake.tokens).toEqual(['first.jwt.token']);
    writeFileSync(token, 'second.jwt.token');
    fake.sessionMs = 3_600_000;
    // It is renewed behind the reads, which go on with the session that there is.
    while (fake.tokens.length < 2) expect(await readAll(source, ['a'])).toEqual(['value a']);
    expect(fake.tokens).toEqual(['first.jwt.token', 'second.jwt.token']);
  });

  it('says which role could not be had', async () => {
    await using world = await fakeWorld();
    const { fake, sources } = world;
    const token = join(directory, 'token');
    writeFileSync(token, 'fake.jwt.token');
    useWebIdentity(token);
    fake.failNext(stsRefusal('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'), { times: 9 });
    const [error] = await readAll(sources.open({ key: 'chain', region: fake.region, credentials: CHAIN }), ['a']);
    expect(error).toBeInstanceOf(InvalidCredentials);
    expect(String(error)).toMatch(/sts:AssumeRoleWithWebIdentity is not allowed.*trust policy/);
  });

  it('says that a token file is missing', async () => {
    await using world = await fakeWorld();
    useWebIdentity(join(directory, 'no-token'));
    const source = world.sources.open({ key: 'chain', region: world.fake.region, credentials: CHAIN });
    const [error] = await readAll(source, ['a']);
    expect(error).toBeInstanceOf(InvalidCredentials);
    expect(String(error)).toMatch(/could not be had from the operator's own credentials \(ENOENT\)/);
  });

  it('says that there are no credentials at all', async () => {
    await using world = await fakeWorld();
    const source = world.sources.open({ key: 'chain', region: world.fake.region, credentials: CHAIN });
    const [error] = await readAll(source, ['a']);
    expect(error).toBeInstanceOf(InvalidCredentials);
    expect(String(error)).toMatch(/CredentialsProviderError/);
  });

  it('is not waited for longer than the deadline', async () => {
    await using world = await fakeWorld({ deadlineMs: 200 });
    const token = join(directory, 'token');
    writeFileSync(token, 'fake.jwt.token');
    useWebIdentity(token);
    world.fake.failNext('hang', { operation: 'AssumeRoleWithWebIdentity' });
    const source = world.sources.open({ key: 'chain', region: world.fake.region, credentials: CHAIN });
    const [error] = await readAll(source, ['a']);
    expect(String(error)).toMatch(/did not answer within 0\.2 s/);
  });
});
