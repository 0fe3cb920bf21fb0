/** Examples of what templates make of values: URLs, files, logins. */

import { parseEnv } from 'node:util';
import bcrypt from 'bcryptjs';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { at } from '../cluster-objects.ts';
import type { Example, Stage } from './stage.ts';

/** What must be escaped in one format or another. */
const AWKWARD = 'a "b" \\c $d #e +f %20 @g:h/i?j=k&l <m> é 😀';

/** A value that is looked for in what the operator says, with awkward characters behind it. */
function awkward({ world }: Stage): string {
  return `${world.canary()} ${AWKWARD}`;
}

export const FORM_EXAMPLES: Readonly<Record<string, Example>> = {
  'database.yaml': async (stage) => {
    const password = awkward(stage);
    const rest = { username: 'shop app', host: 'db.example.com', dbname: 'shop' };
    await stage.inAws('shop/database', { ...rest, password, port: 5432 });
    await stage.apply();
    const url = new URL(await stage.text('database', 'url'));
    expect([url.username, url.password].map(decodeURIComponent)).toEqual(['shop app', password]);
    expect([url.protocol, url.host, url.pathname]).toEqual(['postgres:', 'db.example.com:5432', '/shop']);
    expect(await stage.world.secretData(stage.namespace, 'database')).toMatchObject({
      ...rest,
      password,
      port: '5432',
    });
  },

  'env-file.yaml': async (stage) => {
    const [key, password] = [awkward(stage), `${awkward(stage)}\nsecond line`];
    await stage.inAws('shop/app', { api_key: key, smtp_password: password });
    await stage.apply();
    const text = await stage.text('app-env', '.env');
    expect(parseEnv(text)).toEqual({ API_KEY: key, SMTP_PASSWORD: password });
    expect(text).toMatch(/^API_KEY='.*'\n$/s);
  },

  'config-files.yaml': async (stage) => {
    const password = awkward(stage);
    await stage.inAws('shop/backend', { username: 'app', password, host: 'db.example.com' });
    await stage.apply();
    const file: unknown = parse(await stage.text('backend-config', 'application.yaml'));
    expect(file).toEqual({ spring: { datasource: { username: 'app', password } } });
    expect(await stage.text('backend-config', 'JDBC_URL')).toBe('jdbc:postgresql://db.example.com/shop');
    expect(await stage.text('backend-config', 'LOG_LEVEL')).toBe('info');
  },

  'labels-and-annotations.yaml': async ({ apply, inAws, world, namespace }) => {
    const login = { url: 'https://charts.example.com', username: 'ci', password: world.canary() };
    await inAws('shop/charts', { ...login, team: 'Red' });
    await apply();
    expect(await world.secretData(namespace, 'charts')).toEqual({ ...login, type: 'helm' });
    const secret = await world.secret(namespace, 'charts');
    expect(at(secret, 'metadata', 'labels')).toMatchObject({
      'argocd.argoproj.io/secret-type': 'repository',
      team: 'red',
    });
    expect(at(secret, 'metadata', 'annotations')).toMatchObject({
      'managed-by': 'keyturn',
      'example.com/red': login.url,
    });
  },

  'registry.yaml': async (stage) => {
    const password = awkward(stage);
    await stage.inAws('shop/registry', { registry: 'registry.example.com', username: 'ci', password });
    await stage.apply();
    const config: unknown = JSON.parse(await stage.text('registry', '.dockerconfigjson'));
    const auth = Buffer.from(`ci:${password}`).toString('base64');
    expect(config).toEqual({ auths: { 'registry.example.com': { username: 'ci', password, auth } } });
  },

  'basic-auth.yaml': async ({ apply, inAws, world, namespace }) => {
    const login = { username: 'git', password: world.canary() };
    await inAws('shop/git-login', login);
    await apply();
    expect(await world.secretData(namespace, 'git-login')).toEqual(login);
  },

  'ingress-basic-auth.yaml': async ({ apply, inAws, text, world }) => {
    const users = { alice: world.canary(), bob: world.canary() };
    await inAws('shop/users', users);
    await apply();
    const file = await text('users', 'auth');
    const lines = file.split('\n').map((line) => line.split(':'));
    expect(lines.map(([user]) => user)).toEqual(['alice', 'bob', '']);
    expect(await bcrypt.compare(users.alice, lines[0]?.[1] ?? '')).toBe(true);
    expect(await bcrypt.compare(users.bob, lines[1]?.[1] ?? '')).toBe(true);
    expect(await bcrypt.compare(users.bob, lines[0]?.[1] ?? '')).toBe(false);
  },
};
