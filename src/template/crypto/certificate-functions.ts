/** sprig's certificate makers: `genCA`, `genSelfSignedCert`, `genSignedCert`, their kin with a given key, `buildCustomCert`. */

import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import {
  bytesToGo,
  type Execution,
  type GoObject,
  type GoString,
  type GoValue,
  goToText,
  isString,
  TemplateFault,
} from '../value.ts';
import { decodeBase64 } from './base64.ts';
import { readCertificate } from './certificate.ts';
import { type CertificateContent, createCertificate, type Issuer } from './certificate-write.ts';
import { parseIpAddress, shortestIpAddress } from './ip-address.ts';
import { orFault } from './or-fault.ts';
import { encodePem, firstPem } from './pem.ts';
import { checkPrivateKeyPem, readPrivateKeyPem, spendForUse, traditionalPem } from './private-key.ts';

/** What Go calls the struct of a certificate and its key. */
export const CERTIFICATE_TYPE = 'sprig.certificate';

/** Some 50 ms. */
const RSA_2048_STEPS = 100_000;
/** More no server has, and a certificate of more no client reads. */
const MAX_NAMES = 1_000;

const DAY_MS = 24 * 60 * 60 * 1000;

export interface CertificateNames {
  readonly commonName: GoString;
  readonly ipAddresses: readonly GoValue[];
  readonly dnsNames: readonly GoValue[];
  readonly days: bigint;
}

/** The key of a certificate that brings none. @throws TemplateError when the limits are spent */
export function newCertificateKey(execution: Execution): KeyObject {
  execution.spend(RSA_2048_STEPS);
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

/** @throws TemplateFault */
export function certificateAuthority(
  commonName: GoString,
  days: bigint,
  key: KeyObject,
  execution: Execution,
): GoObject {
  const names = { commonName, ipAddresses: [], dnsNames: [], days };
  return signed(contentOf(names, true, execution), key, { name: undefined, keyId: undefined, key }, execution);
}

/** @throws TemplateFault */
export function selfSignedCertificate(names: CertificateNames, key: KeyObject, execution: Execution): GoObject {
  return signed(contentOf(names, false, execution), key, { name: undefined, keyId: undefined, key }, execution);
}

/** @param authority a struct that one of these functions gave @throws TemplateFault when its key is not its certificate's */
export function signedCertificate(
  names: CertificateNames,
  authority: GoValue,
  key: () => KeyObject,
  execution: Execution,
): GoObject {
  const signer = issuerOf(authority, execution);
  return signed(contentOf(names, false, execution), key(), signer, execution);
}

/** `buildCustomCert`: the struct of a certificate and a key that are given as base64 of PEM. @throws TemplateFault */
export function customCertificate(certificate: GoString, key: GoString, execution: Execution): GoObject {
  const certificatePem = fromBase64(certificate, 'the certificate');
  const keyPem = fromBase64(key, 'the private key');
  readCertificate(firstPem(certificatePem, 'the certificate').block.bytes, execution);
  checkPrivateKeyPem(keyPem, execution);
  return certificateStruct(certificatePem, keyPem);
}

function contentOf(names: CertificateNames, isAuthority: boolean, execution: Execution): CertificateContent {
  if (names.ipAddresses.length + names.dnsNames.length > MAX_NAMES) {
    throw new TemplateFault(`too many alternative names: expected at most ${MAX_NAMES}`);
  }
  const nowMs = execution.nowMs();
  return {
    serialNumber: randomBytes(16),
    commonName: goToText(names.commonName),
    ipAddresses: names.ipAddresses.map(ipAddressOf),
    dnsNames: names.dnsNames.map(dnsNameOf),
    notBeforeMs: nowMs,
    notAfterMs: nowMs + Number(names.days) * DAY_MS,
    isAuthority,
  };
}

function signed(content: CertificateContent, key: KeyObject, issuer: Issuer, execution: Execution): GoObject {
  spendForUse(issuer.key, execution);
  const certificate = createCertificate(content, key, issuer);
  return certificateStruct(encodePem('CERTIFICATE', certificate), traditionalPem(key));
}

function issuerOf(authority: GoValue, execution: Execution): Issuer {
  const [certificatePem, keyPem] = ['Cert', 'Key'].map((name) => fieldOf(authority, name));
  if (certificatePem === undefined || keyPem === undefined) {
    throw new TemplateFault('the authority is no certificate with its key');
  }
  const { block } = firstPem(certificatePem, "the authority's certificate");
  const certificate = readCertificate(block.bytes, execution);
  const key = readPrivateKeyPem(keyPem, execution);
  const isItsKey = orFault("the authority's public key is not supported", () => {
    return new X509Certificate(block.bytes).publicKey.equals(createPublicKey(key));
  });
  if (!isItsKey) throw new TemplateFault("the authority's key does not belong to its certificate");
  return { name: certificate.subject.whole, keyId: certificate.subjectKeyId, key };
}

function certificateStruct(certificate: GoString, key: GoString): GoObject {
  return {
    kind: 'struct',
    type: CERTIFICATE_TYPE,
    fields: new Map([
      ['Cert', certificate],
      ['Key', key],
    ]),
    methods: new Map(),
    text: undefined,
  };
}

function fieldOf(value: GoValue, name: string): GoString | undefined {
  if (typeof value !== 'object' || value === null || value.kind !== 'struct') return undefined;
  const field = value.fields.get(name);
  return field !== undefined && isString(field) ? field : undefined;
}

function ipAddressOf(value: GoValue): Uint8Array {
  if (!isString(value)) throw new TemplateFault('an IP address is not a string');
  const address = parseIpAddress(goToText(value));
  if (address === undefined) throw new TemplateFault('an IP address could not be parsed');
  return shortestIpAddress(address);
}

function dnsNameOf(value: GoValue): string {
  if (!isString(value)) throw new TemplateFault('an alternative DNS name is not a string');
  return goToText(value);
}

function fromBase64(text: GoString, what: string): GoString {
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw new TemplateFault(`${what} is not base64`);
  return bytesToGo(bytes);
}
