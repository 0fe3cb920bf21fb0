/**
 * Writes a PFX (RFC 7292) with today's algorithms: PBES2 with AES-256-CBC, and an HMAC-SHA-256 MAC. OpenSSL 1.1.1,
 * Java 12 and Windows Server 2019 read it, and what is newer. Salts make every result new.
 */

import { createHash, createHmac, type KeyObject, randomBytes } from 'node:crypto';
import { type Execution, type GoString, goString, TemplateFault } from '../value.ts';
import { encodeBase64 } from './base64.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { TAG } from './der-read.ts';
import { der, explicit, implicitPrimitive, integer, nothing, octetString, oid, sequence, set } from './der-write.ts';
import { distinguishedName } from './distinguished-name.ts';
import { OID } from './oids.ts';
import { allPem, firstPem } from './pem.ts';
import { encryptWithPassword, WRITE_ITERATIONS, WRITE_SALT_BYTES } from './pkcs12-cipher.ts';
import { derivePkcs12Key, type Pkcs12Password, PURPOSE, pkcs12Password } from './pkcs12-password.ts';
import { pkcs8Der, readPrivateKey } from './private-key.ts';

/** `pemToPkcs12Pass`: the first certificate and the key, as base64 of a PFX. @throws TemplateFault */
export function certificateToPkcs12(
  certificate: GoString,
  key: GoString,
  password: GoString,
  execution: Execution,
): GoString {
  const { block } = firstPem(certificate, 'the certificate');
  return keyStore(readCertificate(block.bytes, execution), [], keyOf(key, execution), password, execution);
}

/** `fullPemToPkcs12Pass`: the first certificate, the key, and all further certificates. @throws TemplateFault */
export function chainToPkcs12(chain: GoString, key: GoString, password: GoString, execution: Execution): GoString {
  const { block, rest } = firstPem(chain, 'the certificate');
  const certificate = readCertificate(block.bytes, execution);
  return keyStore(certificate, onlyCertificates(rest, execution), keyOf(key, execution), password, execution);
}

/** `pemTruststoreToPKCS12Pass`: certificates that Java trusts, each under the alias of its subject. @throws TemplateFault */
export function truststoreToPkcs12(certificates: GoString, password: GoString, execution: Execution): GoString {
  const bags = onlyCertificates(certificates, execution).map((certificate) =>
    certificateBag(
      certificate,
      attribute(OID.javaTrustedKeyUsage, oid(OID.anyExtendedKeyUsage)),
      attribute(OID.friendlyName, bmpString(distinguishedName(certificate.subject))),
    ),
  );
  const secret = pkcs12Password(password);
  return pfx([encryptedContent(sequence(...bags), secret, execution)], secret, execution);
}

function keyStore(
  certificate: Certificate,
  others: readonly Certificate[],
  key: KeyObject,
  password: GoString,
  execution: Execution,
): GoString {
  const secret = pkcs12Password(password);
  // The leaf and its key find each other by the fingerprint.
  const localKeyId = attribute(OID.localKeyId, octetString(createHash('sha1').update(certificate.der).digest()));
  const bags = [certificateBag(certificate, localKeyId), ...others.map((other) => certificateBag(other))];
  const shrouded = encryptWithPassword(pkcs8Der(key), secret, execution);
  const keyInfo = sequence(shrouded.algorithm, octetString(shrouded.data));
  const keyBag = sequence(oid(OID.shroudedKeyBag), explicit(0, keyInfo), set(localKeyId));
  const contents = [encryptedContent(sequence(...bags), secret, execution), plainContent(sequence(keyBag))];
  return pfx(contents, secret, execution);
}

function pfx(contents: readonly Uint8Array[], password: Pkcs12Password, execution: Execution): GoString {
  const safe = sequence(...contents);
  const salt = randomBytes(WRITE_SALT_BYTES);
  const request = { hash: 'sha256', password: password.bmp, salt, iterations: WRITE_ITERATIONS, length: 32 } as const;
  const mac = createHmac('sha256', derivePkcs12Key(request, PURPOSE.mac, execution))
    .update(safe)
    .digest();
  const digestInfo = sequence(sequence(oid(OID.sha256), nothing()), octetString(mac));
  const macData = sequence(digestInfo, octetString(salt), integer(WRITE_ITERATIONS));
  return goString(encodeBase64(sequence(integer(3), plainContent(safe), macData)));
}

function plainContent(content: Uint8Array): Uint8Array {
  return sequence(oid(OID.data), explicit(0, octetString(content)));
}

function encryptedContent(content: Uint8Array, password: Pkcs12Password, execution: Execution): Uint8Array {
  const { algorithm, data } = encryptWithPassword(content, password, execution);
  const info = sequence(oid(OID.data), algorithm, implicitPrimitive(0, data));
  return sequence(oid(OID.encryptedData), explicit(0, sequence(integer(0), info)));
}

function certificateBag(certificate: Certificate, ...attributes: readonly Uint8Array[]): Uint8Array {
  const bag = sequence(oid(OID.x509Certificate), explicit(0, octetString(certificate.der)));
  const fields = [oid(OID.certificateBag), explicit(0, bag)];
  return attributes.length === 0 ? sequence(...fields) : sequence(...fields, set(...sorted(attributes)));
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return sequence(oid(type), set(value));
}

/** In DER the elements of a set stand in the order of their bytes. */
function sorted(parts: readonly Uint8Array[]): Uint8Array[] {
  return parts.toSorted((a, b) => Buffer.compare(a, b));
}

function bmpString(text: string): Uint8Array {
  return der(TAG.bmpString, Buffer.from(text, 'utf16le').swap16());
}

function keyOf(text: GoString, execution: Execution): KeyObject {
  return readPrivateKey(firstPem(text, 'the private key').block.bytes, execution);
}

/** @throws TemplateFault when anything else than certificates and white space is there */
function onlyCertificates(text: GoString, execution: Execution): Certificate[] {
  const { blocks, rest } = allPem(text);
  if (rest.trim() !== '') throw new TemplateFault('after the last certificate there is something that is not PEM');
  return blocks.map((block) => readCertificate(block.bytes, execution));
}
