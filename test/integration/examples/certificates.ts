/** Examples of certificates, keys and key stores: what came out is opened by OpenSSL (that of Node) and by Java where it is there. */

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type DetailedPeerCertificate } from 'node:tls';
import { expect } from 'vitest';
import { runCommand } from '../../harness/run-command.ts';
import { CHAIN, KEY_STORES, pemOf } from '../../unit/template/crypto/fixtures.ts';
import { truststoreBags } from '../../unit/template/crypto/pkcs12-parts.ts';
import type { Example, Stage } from './stage.ts';

export const CERTIFICATE_EXAMPLES: Readonly<Record<string, Example>> = {
  'tls.yaml': async ({ apply, inAws, text }) => {
    await inAws('shop/tls-bundle', `${pemOf('root')}${CHAIN.leaf.key}${pemOf('intermediate', 'leaf')}`);
    await apply();
    expectPair(await text('shop-tls', 'tls.crt'), await text('shop-tls', 'tls.key'), ['leaf', 'intermediate']);
    expect(fingerprints(await text('shop-tls', 'ca.crt'))).toEqual(fingerprints(pemOf('root')));
  },

  'tls-from-pkcs12.yaml': async ({ apply, inAws, text }) => {
    const store = KEY_STORES.find(({ name }) => name.startsWith('OpenSSL 3: PBES2'));
    await inAws('shop/tls-pkcs12', Buffer.from(store?.file ?? '', 'base64'));
    await inAws('shop/tls-pkcs12-password', store?.password ?? '');
    await apply();
    const [certificates, key] = [await text('partner-tls', 'tls.crt'), await text('partner-tls', 'tls.key')];
    expectPair(certificates, key, ['leaf', 'intermediate', 'root']);
  },

  'java-keystore.yaml': async ({ apply, inAws, bytes, text, world }) => {
    const password = world.canary();
    const certificates = pemOf('leaf', 'intermediate');
    await inAws('shop/java-tls', { certificates, key: CHAIN.leaf.key, authorities: pemOf('root'), password });
    await apply();
    expect(await text('java-tls', 'password')).toBe(password);
    const keyStore = await bytes('java-tls', 'keystore.p12');
    expect(await servedBy(keyStore, password)).toEqual(fingerprints(certificates));
    await expect(servedBy(keyStore, 'fake-mistake')).rejects.toThrow(/mac verify failure/i);
    await expectTruststore(await bytes('java-tls', 'truststore.p12'), password);
  },

  'jwk.yaml': async ({ apply, inAws, text }) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await inAws('shop/signing-key', {
      private: privateKey.export({ format: 'jwk' }),
      public: publicKey.export({ format: 'jwk' }),
    });
    await apply();
    const made = createPrivateKey(await text('signing-key', 'private.pem'));
    const known = createPublicKey(await text('signing-key', 'public.pem'));
    expect([made.equals(privateKey), known.equals(publicKey)]).toEqual([true, true]);
    expect(verify('sha256', Buffer.from('text'), known, sign('sha256', Buffer.from('text'), made))).toBe(true);
  },

  'ssh-key.yaml': async (stage) => {
    await expectSshKey(stage, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
  },
};

async function expectSshKey({ apply, inAws, text }: Stage, key: KeyObject): Promise<void> {
  const knownHosts =
    'git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n';
  const privateKey = String(key.export({ format: 'pem', type: 'pkcs1' }));
  await inAws('shop/deploy-key', { privateKey, knownHosts });
  await apply();
  // ssh refuses a key without the line break at its end.
  expect(await text('deploy-key', 'ssh-privatekey')).toBe(privateKey);
  expect(createPrivateKey(await text('deploy-key', 'ssh-privatekey')).equals(key)).toBe(true);
  expect(await text('deploy-key', 'known_hosts')).toBe(knownHosts);
}

type Link = keyof typeof CHAIN;

/** That the certificates are these, each signed by the next one, and the key is that of the first. */
function expectPair(certificates: string, key: string, chain: readonly Link[]): void {
  expect(fingerprints(certificates)).toEqual(fingerprints(pemOf(...chain)));
  const parsed = parsedFrom(certificates);
  expect(parsed[0]?.checkPrivateKey(createPrivateKey(key))).toBe(true);
  for (const [index, issuer] of parsed.slice(1).entries()) {
    expect(parsed[index]?.verify(issuer.publicKey)).toBe(true);
  }
}

function parsedFrom(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
  expect(blocks.join(''), 'nothing but certificates').toBe(pem);
  return blocks.map((block) => new X509Certificate(block));
}

function fingerprints(pem: string): readonly string[] {
  return parsedFrom(pem).map(({ fingerprint256 }) => fingerprint256);
}

/** The certificates with which a server shows itself whose key store this is. */
async function servedBy(pfx: Buffer, passphrase: string): Promise<readonly string[]> {
  const server = createServer({ pfx, passphrase });
  try {
    const listening = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', listening.resolve);
    await listening.promise;
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return await shownAt(port);
  } finally {
    server.close();
  }
}

async function shownAt(port: number): Promise<readonly string[]> {
  const connected = Promise.withResolvers<void>();
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, connected.resolve);
  socket.on('error', connected.reject);
  await connected.promise;
  const shown: string[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.fingerprint256 !== undefined && !shown.includes(next.fingerprint256)) {
    shown.push(next.fingerprint256);
    next = next.issuerCertificate;
  }
  socket.destroy();
  return shown;
}

/** Java is asked where it is there. */
async function expectTruststore(file: Buffer, password: string): Promise<void> {
  const [root] = parsedFrom(pemOf('root'));
  expect(Buffer.from(truststoreBags(file, password).whole).includes(root?.raw ?? '')).toBe(true);
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-truststore-'));
  try {
    const path = join(directory, 'truststore.p12');
    writeFileSync(path, file);
    const listing = await listedByJava(path, password);
    if (listing !== undefined) expect(listing).toMatch(/contains 1 entry.*trustedCertEntry/s);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Undefined where there is no Java. */
async function listedByJava(path: string, password: string): Promise<string | undefined> {
  try {
    const { stdout } = await runCommand({
      name: 'keytool',
      command: 'keytool',
      args: ['-J-Duser.language=en', '-list', '-keystore', path, '-storepass', password],
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'] },
      timeoutMs: 30_000,
    });
    return stdout;
  } catch {
    return undefined;
  }
}
