/** Builds and signs an X.509 certificate for servers and clients, byte for byte as Go's `x509.CreateCertificate` does. */

import { createHash, type KeyObject, sign } from 'node:crypto';
import { TemplateFault } from '../value.ts';
import { fieldsOf, readDer, TAG } from './der-read.ts';
import {
  bitString,
  boolean,
  der,
  explicit,
  implicitPrimitive,
  integer,
  nothing,
  octetString,
  oid,
  sequence,
  set,
  unsignedInteger,
} from './der-write.ts';
import { isPrintable } from './distinguished-name.ts';
import { OID } from './oids.ts';
import { orFault } from './or-fault.ts';
import { spkiDer } from './private-key.ts';

export interface CertificateContent {
  readonly serialNumber: Uint8Array;
  readonly commonName: string;
  /** 4 or 16 bytes each. */
  readonly ipAddresses: readonly Uint8Array[];
  readonly dnsNames: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly isAuthority: boolean;
}

export interface Issuer {
  /** Its subject's Name in DER; undefined when the certificate signs itself. */
  readonly name: Uint8Array | undefined;
  readonly keyId: Uint8Array | undefined;
  readonly key: KeyObject;
}

interface Signature {
  readonly algorithm: Uint8Array;
  /** null for algorithms that hash by themselves. */
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
}

const KEY_ID_BYTES = 20;

/** RFC 5280: years from 2050 on, and before 1950, do not fit into the two digits. */
const TWO_DIGIT_YEARS = { first: 1950, last: 2049 };

/** @throws TemplateFault when the key cannot sign, or a name or a date has no place in a certificate */
export function createCertificate(content: CertificateContent, subjectKey: KeyObject, issuer: Issuer): Uint8Array {
  const { algorithm, hash } = signatureFor(issuer.key);
  const publicKey = spkiDer(subjectKey);
  const subject = nameOf(content.commonName);
  const issuerName = issuer.name ?? subject;
  // A certificate names its authority's key only when the authority is another.
  const isOther = Buffer.compare(issuerName, subject) !== 0;
  const body = sequence(
    explicit(0, integer(2)),
    unsignedInteger(content.serialNumber),
    algorithm,
    issuerName,
    sequence(time(content.notBeforeMs), time(content.notAfterMs)),
    subject,
    publicKey,
    explicit(3, sequence(...extensionsOf(content, publicKey, isOther ? issuer.keyId : undefined))),
  );
  const signature = orFault('the key cannot sign a certificate', () => sign(hash, body, issuer.key));
  return sequence(body, algorithm, bitString(signature));
}

function extensionsOf(
  content: CertificateContent,
  publicKey: Uint8Array,
  authorityKeyId: Uint8Array | undefined,
): Uint8Array[] {
  const names = [
    ...content.dnsNames.map((name) => implicitPrimitive(2, ascii(name))),
    ...content.ipAddresses.map((address) => implicitPrimitive(7, address)),
  ];
  const extensions = [
    extension(OID.keyUsage, keyUsage(content.isAuthority), true),
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth), oid(OID.clientAuth))),
    extension(OID.basicConstraints, content.isAuthority ? sequence(boolean(true)) : sequence(), true),
  ];
  if (content.isAuthority) extensions.push(extension(OID.subjectKeyId, octetString(keyIdOf(publicKey))));
  if (authorityKeyId !== undefined) {
    extensions.push(extension(OID.authorityKeyId, sequence(implicitPrimitive(0, authorityKeyId))));
  }
  if (names.length > 0) extensions.push(extension(OID.subjectAltName, sequence(...names), content.commonName === ''));
  return extensions;
}

function extension(id: string, value: Uint8Array, isCritical = false): Uint8Array {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), octetString(value));
}

/** digitalSignature and keyEncipherment; an authority's has keyCertSign too. */
function keyUsage(isAuthority: boolean): Uint8Array {
  return isAuthority ? bitString(Uint8Array.of(0b1010_0100), 2) : bitString(Uint8Array.of(0b1010_0000), 5);
}

/** RFC 7093, method 1: the first bytes of the SHA-256 of the public key's bits. */
function keyIdOf(publicKey: Uint8Array): Uint8Array {
  const fields = fieldsOf(readDer(publicKey, TAG.sequence));
  fields.take(TAG.sequence); // algorithm
  const bits = fields.take(TAG.bitString).content.subarray(1);
  return createHash('sha256').update(bits).digest().subarray(0, KEY_ID_BYTES);
}

function nameOf(commonName: string): Uint8Array {
  if (commonName === '') return sequence();
  const tag = isPrintable(commonName) ? TAG.printableString : TAG.utf8String;
  return sequence(set(sequence(oid(OID.commonName), der(tag, Buffer.from(commonName, 'utf8')))));
}

function time(atMs: number): Uint8Array {
  const year = new Date(atMs).getUTCFullYear();
  if (!(year >= 0 && year <= 9999))
    throw new TemplateFault('the certificate would end after the year 9999 or before 0');
  const digits = new Date(atMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  const isShort = year >= TWO_DIGIT_YEARS.first && year <= TWO_DIGIT_YEARS.last;
  return isShort
    ? der(TAG.utcTime, Buffer.from(digits.slice(2), 'latin1'))
    : der(TAG.generalizedTime, Buffer.from(digits, 'latin1'));
}

function signatureFor(key: KeyObject): Signature {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { algorithm: sequence(oid(OID.sha256WithRsa), nothing()), hash: 'sha256' };
    case 'ed25519':
      return { algorithm: sequence(oid(OID.ed25519)), hash: null };
    case 'ec':
      return ecdsaFor(key.asymmetricKeyDetails?.namedCurve);
    default:
      throw new TemplateFault('the key cannot sign a certificate: expected RSA, ECDSA or Ed25519');
  }
}

function ecdsaFor(curve: string | undefined): Signature {
  switch (curve) {
    case 'secp384r1':
      return { algorithm: sequence(oid(OID.ecdsaWithSha384)), hash: 'sha384' };
    case 'secp521r1':
      return { algorithm: sequence(oid(OID.ecdsaWithSha512)), hash: 'sha512' };
    default:
      return { algorithm: sequence(oid(OID.ecdsaWithSha256)), hash: 'sha256' };
  }
}

function ascii(name: string): Uint8Array {
  if (!/^[\0-\x7f]*$/.test(name)) throw new TemplateFault('an alternative DNS name is not ASCII');
  return Buffer.from(name, 'latin1');
}
