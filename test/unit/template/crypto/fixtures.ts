/** What Go, OpenSSL and Java wrote, to be read; how it was made says fixtures/README.md. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function load(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8'));
}

interface ChainLink {
  readonly certificate: string;
  readonly key: string;
}

/** leaf ← intermediate ← root, ECDSA; `other` is signed by the root too and has an Ed25519 key. */
export const CHAIN = load('chain.json') as Record<'root' | 'intermediate' | 'other', ChainLink> & {
  readonly leaf: ChainLink & { readonly sec1: string };
};

/** Each holds the leaf, its key and the chain, with the root before the intermediate. */
export const KEY_STORES = load('key-stores.json') as ReadonlyArray<{
  readonly name: string;
  readonly password: string;
  readonly file: string;
}>;

export const GO_CERTIFICATES = load('certificates-by-go.json') as ReadonlyArray<{
  readonly name: string;
  readonly key: string;
  readonly commonName: string;
  readonly ipAddresses: readonly string[];
  readonly dnsNames: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  readonly serialNumber: string;
  readonly isAuthority: boolean;
  readonly issuer?: ChainLink;
  readonly certificate: string;
}>;

export const GO_MASTER_PASSWORDS = load('master-passwords-by-go.json') as ReadonlyArray<{
  readonly counter: number;
  readonly type: string;
  readonly password: string;
  readonly user: string;
  readonly site: string;
  readonly result: string;
}>;

export const GO_JWKS = load('jwks-by-go.json') as ReadonlyArray<{
  readonly name: string;
  readonly private: Record<string, string>;
  readonly public: Record<string, string>;
  readonly privatePem: string;
  readonly publicPem: string;
}>;

/** The named certificates one after the other. */
export function pemOf(...names: ReadonlyArray<keyof typeof CHAIN>): string {
  return names.map((name) => CHAIN[name].certificate).join('');
}
