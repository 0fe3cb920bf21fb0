/** The functions for certificates, keys, key stores, passwords and ciphers that templates call, by name, with Go's parameter types. */

import type { KeyObject } from 'node:crypto';
import {
  type Execution,
  type FunctionTable,
  type GoFunction,
  type GoString,
  type GoType,
  type GoValue,
  isString,
  stringList,
  TemplateFault,
} from '../value.ts';
import { decryptAes, encryptAes } from './aes.ts';
import { filterCertificateChain } from './certificate-chain.ts';
import {
  CERTIFICATE_TYPE,
  type CertificateNames,
  certificateAuthority,
  customCertificate,
  newCertificateKey,
  selfSignedCertificate,
  signedCertificate,
} from './certificate-functions.ts';
import { jwkPrivateKeyPem, jwkPublicKeyPem } from './jwk.ts';
import { masterPassword } from './master-password.ts';
import { bcryptHash, htpasswdLine } from './password-hash.ts';
import { filterPem } from './pem-filter.ts';
import { pkcs12Certificates, pkcs12Key } from './pkcs12-read.ts';
import { certificateToPkcs12, chainToPkcs12, truststoreToPkcs12 } from './pkcs12-write.ts';
import { readPrivateKeyPem } from './private-key.ts';
import { newPrivateKey } from './private-key-generation.ts';
import { randomBase64 } from './random-bytes.ts';
import { rsaDecrypt } from './rsa-decrypt.ts';
import { subjectAlternativeNames } from './subject-alternative-names.ts';

type Texts = (number: number) => GoString;

const NO_TEXT = '' as GoString;
const NAMES: readonly GoType[] = ['string', '[]interface {}', '[]interface {}', 'int'];

/** Upstream's own: key stores, PEM, JWK, RSA. */
const UPSTREAM: ReadonlyArray<readonly [string, GoFunction]> = [
  ['pkcs12key', text(1, (at, run) => pkcs12Key(NO_TEXT, at(0), run))],
  ['pkcs12keyPass', text(2, (at, run) => pkcs12Key(at(0), at(1), run))],
  ['pkcs12cert', text(1, (at, run) => pkcs12Certificates(NO_TEXT, at(0), run))],
  ['pkcs12certPass', text(2, (at, run) => pkcs12Certificates(at(0), at(1), run))],
  ['pemToPkcs12', text(2, (at, run) => certificateToPkcs12(at(0), at(1), NO_TEXT, run))],
  ['pemToPkcs12Pass', text(3, (at, run) => certificateToPkcs12(at(0), at(1), at(2), run))],
  ['fullPemToPkcs12', text(2, (at, run) => chainToPkcs12(at(0), at(1), NO_TEXT, run))],
  ['fullPemToPkcs12Pass', text(3, (at, run) => chainToPkcs12(at(0), at(1), at(2), run))],
  ['pemTruststoreToPKCS12', text(1, (at, run) => truststoreToPkcs12(at(0), NO_TEXT, run))],
  ['pemTruststoreToPKCS12Pass', text(2, (at, run) => truststoreToPkcs12(at(0), at(1), run))],
  ['filterPEM', text(2, (at) => filterPem(at(0), at(1)))],
  ['filterCertChain', text(2, (at, run) => filterCertificateChain(at(0), at(1), run))],
  ['certSANs', text(1, (at, run) => stringList(subjectAlternativeNames(at(0), run)), '[]string')],
  ['jwkPublicKeyPem', text(1, (at, run) => jwkPublicKeyPem(at(0), run))],
  ['jwkPrivateKeyPem', text(1, (at, run) => jwkPrivateKeyPem(at(0), run))],
  ['rsaDecrypt', text(4, (at, run) => rsaDecrypt(at(0), at(1), at(2), at(3), run))],
];

/** sprig's. */
const SPRIG: ReadonlyArray<readonly [string, GoFunction]> = [
  ['bcrypt', text(1, (at, run) => bcryptHash(at(0), run))],
  ['htpasswd', text(3, (at, run) => htpasswdLine(at(0), at(1), at(2), run))],
  ['genPrivateKey', text(1, (at, run) => newPrivateKey(at(0), run))],
  ['encryptAES', text(2, (at, run) => encryptAes(at(0), at(1), run))],
  ['decryptAES', text(2, (at) => decryptAes(at(0), at(1)))],
  ['randBytes', { params: ['int'], result: 'string', call: (args, run) => randomBase64(wholeAt(args, 0), run) }],
  ['derivePassword', { params: ['uint32', 'string', 'string', 'string', 'string'], result: 'string', call: derive }],
  [
    'buildCustomCert',
    certificate(['string', 'string'], (args, run) => customCertificate(textAt(args, 0), textAt(args, 1), run)),
  ],
  [
    'genCA',
    certificate(['string', 'int'], (args, run) =>
      certificateAuthority(textAt(args, 0), wholeAt(args, 1), newCertificateKey(run), run),
    ),
  ],
  [
    'genCAWithKey',
    certificate(['string', 'int', 'string'], (args, run) =>
      certificateAuthority(textAt(args, 0), wholeAt(args, 1), keyAt(args, 2, run), run),
    ),
  ],
  [
    'genSelfSignedCert',
    certificate(NAMES, (args, run) => selfSignedCertificate(namesIn(args), newCertificateKey(run), run)),
  ],
  [
    'genSelfSignedCertWithKey',
    certificate([...NAMES, 'string'], (args, run) => selfSignedCertificate(namesIn(args), keyAt(args, 4, run), run)),
  ],
  [
    'genSignedCert',
    certificate([...NAMES, CERTIFICATE_TYPE], (args, run) =>
      signedCertificate(namesIn(args), args[4] ?? null, () => newCertificateKey(run), run),
    ),
  ],
  [
    'genSignedCertWithKey',
    certificate([...NAMES, CERTIFICATE_TYPE, 'string'], (args, run) =>
      signedCertificate(namesIn(args), args[4] ?? null, () => keyAt(args, 5, run), run),
    ),
  ],
];

/** What a function reads costs this too, whatever it does with it. */
const BYTES_PER_STEP = 256;

export const CRYPTO_FUNCTIONS: FunctionTable = new Map(
  [...UPSTREAM, ...SPRIG].map(([name, made]) => [name, { ...made, call: countingInput(made.call) }]),
);

function countingInput(call: GoFunction['call']): GoFunction['call'] {
  return (args, run) => {
    const bytes = args.reduce<number>((sum, arg) => sum + (arg !== null && isString(arg) ? arg.length : 0), 0);
    run.spend(Math.ceil(bytes / BYTES_PER_STEP));
    return call(args, run);
  };
}

/** A function of strings. */
function text(count: number, call: (at: Texts, run: Execution) => GoValue, result: GoType = 'string'): GoFunction {
  const params = new Array<GoType>(count).fill('string');
  return { params, result, call: (args, run) => call((number) => textAt(args, number), run) };
}

function certificate(params: readonly GoType[], call: GoFunction['call']): GoFunction {
  return { params, result: CERTIFICATE_TYPE, call };
}

function derive(args: readonly GoValue[], execution: Execution): GoString {
  return masterPassword(
    {
      counter: Number(BigInt.asUintN(32, wholeAt(args, 0))),
      type: textAt(args, 1),
      password: textAt(args, 2),
      user: textAt(args, 3),
      site: textAt(args, 4),
    },
    execution,
  );
}

function namesIn(args: readonly GoValue[]): CertificateNames {
  return {
    commonName: textAt(args, 0),
    ipAddresses: listAt(args, 1),
    dnsNames: listAt(args, 2),
    days: wholeAt(args, 3),
  };
}

function keyAt(args: readonly GoValue[], number: number, run: Execution): KeyObject {
  return readPrivateKeyPem(textAt(args, number), run);
}

function textAt(args: readonly GoValue[], number: number): GoString {
  const value = args[number] ?? null;
  if (!isString(value)) throw new TemplateFault(`argument ${number + 1}: expected a string`);
  return value;
}

function wholeAt(args: readonly GoValue[], number: number): bigint {
  const value = args[number] ?? null;
  if (typeof value !== 'object' || value === null || !('value' in value) || typeof value.value !== 'bigint') {
    throw new TemplateFault(`argument ${number + 1}: expected an integer`);
  }
  return value.value;
}

/** `nil` is an empty slice. */
function listAt(args: readonly GoValue[], number: number): readonly GoValue[] {
  const value = args[number] ?? null;
  if (value === null) return [];
  if (typeof value !== 'object' || value.kind !== 'slice') {
    throw new TemplateFault(`argument ${number + 1}: expected a list`);
  }
  return value.items;
}
