/** Reads a PFX (RFC 7292): the key, and the certificates in the order of the file. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Execution, type GoString, goToBytes, TemplateFault } from '../value.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { orderChainIfPossible } from './certificate-chain.ts';
import { type Der, elements, fieldsOf, inside, octetsOf, oidOf, readDer, smallIntegerOf, TAG } from './der-read.ts';
import { OID } from './oids.ts';
import { encodeCertificates } from './pem.ts';
import { decryptWithPassword, derivePbkdf2, hmacHashOf } from './pkcs12-cipher.ts';
import {
  type DerivationHash,
  derivePkcs12Key,
  NO_PASSWORD,
  type Pkcs12Password,
  PURPOSE,
  pkcs12Password,
} from './pkcs12-password.ts';
import { pkcs8Pem, readPkcs8 } from './private-key.ts';

interface Bag {
  readonly kind: string;
  readonly value: Der;
}

interface Opened {
  readonly bags: readonly Bag[];
  /** With which the MAC was right. */
  readonly password: Pkcs12Password;
}

const MAC_HASHES: ReadonlyMap<string, DerivationHash> = new Map([
  [OID.sha1, 'sha1'],
  [OID.sha224, 'sha224'],
  [OID.sha256, 'sha256'],
  [OID.sha384, 'sha384'],
  [OID.sha512, 'sha512'],
]);

/** `pkcs12keyPass`: the private key in PKCS#8 PEM. @throws TemplateFault; TemplateError when the limits are spent */
export function pkcs12Key(password: GoString, file: GoString, execution: Execution): GoString {
  const opened = openPkcs12(password, file, execution);
  const bag = keyBagOf(opened);
  const { value } = bag;
  if (bag.kind === OID.keyBag) return pkcs8Pem(readPkcs8(value.whole, execution));
  const fields = fieldsOf(value);
  const algorithm = fields.take(TAG.sequence);
  const encrypted = octetsOf(fields.takeAny());
  return pkcs8Pem(readPkcs8(decryptWithPassword(algorithm, encrypted, opened.password, execution), execution));
}

/**
 * `pkcs12certPass`: the certificates in PEM, the leaf first; in the order of the file when they are not one chain.
 * @throws TemplateFault; TemplateError when the limits are spent
 */
export function pkcs12Certificates(password: GoString, file: GoString, execution: Execution): GoString {
  const opened = openPkcs12(password, file, execution);
  keyBagOf(opened);
  const certificates = opened.bags
    .filter((bag) => bag.kind === OID.certificateBag)
    .map((bag) => certificateOf(bag, execution));
  if (certificates.length === 0) throw new TemplateFault('the PKCS#12 file has no certificate');
  return encodeCertificates(orderChainIfPossible(certificates).map((certificate) => certificate.der));
}

function openPkcs12(password: GoString, file: GoString, execution: Execution): Opened {
  const bytes = goToBytes(file);
  if (bytes[0] !== TAG.sequence) {
    throw new TemplateFault(
      'this is no PKCS#12 file: expected its bytes (when they come in base64, b64dec gives them)',
    );
  }
  const fields = fieldsOf(readDer(bytes, TAG.sequence));
  const version = smallIntegerOf(fields.take(TAG.integer));
  if (version !== 3) throw new TemplateFault(`the PKCS#12 file has a version that is not supported: ${version}`);
  const safe = octetsOf(contentOf(fields.take(TAG.sequence), OID.data));
  const used = passwordThatFits(pkcs12Password(password), safe, fields.optional(TAG.sequence), execution);
  const bags = elements(readDer(safe, TAG.sequence)).flatMap((content) => bagsOf(content, used, execution));
  return { bags, password: used };
}

function passwordThatFits(
  password: Pkcs12Password,
  safe: Uint8Array,
  macData: Der | undefined,
  execution: Execution,
): Pkcs12Password {
  const isEmpty = password.utf8.length === 0;
  if (macData === undefined) {
    if (isEmpty) return password;
    throw new TemplateFault('the PKCS#12 file has no MAC, so that nothing says whether the password is right');
  }
  if (isMacRight(macData, safe, password, execution)) return password;
  if (isEmpty && isMacRight(macData, safe, NO_PASSWORD, execution)) return NO_PASSWORD;
  throw new TemplateFault('the password of the PKCS#12 file is wrong');
}

function isMacRight(macData: Der, safe: Uint8Array, password: Pkcs12Password, execution: Execution): boolean {
  const fields = fieldsOf(macData);
  const digestInfo = fieldsOf(fields.take(TAG.sequence));
  const algorithm = fieldsOf(digestInfo.take(TAG.sequence));
  const expected = octetsOf(digestInfo.takeAny());
  const kind = oidOf(algorithm.take(TAG.oid));
  const salt = octetsOf(fields.takeAny());
  const count = fields.optional(TAG.integer);
  if (kind === OID.pbmac1) return isPbmac1Right(algorithm.take(TAG.sequence), safe, password, expected, execution);
  const hash = MAC_HASHES.get(kind);
  if (hash === undefined) throw new TemplateFault(`the MAC of the PKCS#12 file is not supported: ${kind}`);
  const iterations = count === undefined ? 1 : smallIntegerOf(count);
  const length = expected.length;
  const request = { hash, password: password.bmp, salt, iterations, length: createHmac(hash, '').digest().length };
  const actual = createHmac(hash, derivePkcs12Key(request, PURPOSE.mac, execution))
    .update(safe)
    .digest();
  return actual.length === length && timingSafeEqual(actual, expected);
}

function isPbmac1Right(
  parameters: Der,
  safe: Uint8Array,
  password: Pkcs12Password,
  expected: Uint8Array,
  execution: Execution,
): boolean {
  const fields = fieldsOf(parameters);
  const key = derivePbkdf2(fields.take(TAG.sequence), password.utf8, undefined, execution);
  const actual = createHmac(hmacHashOf(fields.take(TAG.sequence)), key)
    .update(safe)
    .digest();
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function bagsOf(content: Der, password: Pkcs12Password, execution: Execution): Bag[] {
  const kind = oidOf(fieldsOf(content).takeAny());
  const bytes =
    kind === OID.data
      ? octetsOf(contentOf(content, OID.data))
      : decryptContent(contentOf(content, OID.encryptedData), password, execution);
  return elements(readDer(bytes, TAG.sequence)).map((bag) => {
    const fields = fieldsOf(bag);
    return { kind: oidOf(fields.take(TAG.oid)), value: inside(fields.take(TAG.context0)) };
  });
}

function decryptContent(encryptedData: Der, password: Pkcs12Password, execution: Execution): Uint8Array {
  const outer = fieldsOf(encryptedData);
  outer.take(TAG.integer); // version
  const fields = fieldsOf(outer.take(TAG.sequence));
  fields.take(TAG.oid); // what is inside
  const algorithm = fields.take(TAG.sequence);
  return decryptWithPassword(algorithm, fields.take(TAG.context0Primitive).content, password, execution);
}

/** What a ContentInfo of this type holds. */
function contentOf(contentInfo: Der, expected: string): Der {
  const fields = fieldsOf(contentInfo);
  const kind = oidOf(fields.take(TAG.oid));
  if (kind !== expected) throw new TemplateFault(`the PKCS#12 file holds content that is not supported: ${kind}`);
  return inside(fields.take(TAG.context0));
}

function keyBagOf(opened: Opened): Bag {
  const [bag, another] = opened.bags.filter(({ kind }) => kind === OID.keyBag || kind === OID.shroudedKeyBag);
  if (bag === undefined) throw new TemplateFault('the PKCS#12 file has no private key');
  if (another !== undefined) throw new TemplateFault('the PKCS#12 file has more than one private key');
  return bag;
}

function certificateOf(bag: Bag, execution: Execution): Certificate {
  const fields = fieldsOf(bag.value);
  const kind = oidOf(fields.take(TAG.oid));
  if (kind !== OID.x509Certificate) {
    throw new TemplateFault(`the PKCS#12 file has a certificate that is not X.509: ${kind}`);
  }
  return readCertificate(octetsOf(inside(fields.take(TAG.context0))), execution);
}
