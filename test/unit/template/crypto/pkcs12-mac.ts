/** Closes a PFX that has no MAC with one of the test's choice. */

import { createHmac, pbkdf2Sync } from 'node:crypto';
import { type Der, elements, octetsOf, readDer, TAG } from '../../../../src/template/crypto/der-read.ts';
import { integer, nothing, octetString, oid, sequence } from '../../../../src/template/crypto/der-write.ts';
import { derivePkcs12Key, PURPOSE } from '../../../../src/template/crypto/pkcs12-password.ts';
import { executionWith } from './call-function.ts';
import { allIn } from './der-search.ts';

const SALT = Buffer.from('fakesalt');
const ITERATIONS = 10;

/** As those write it who take the empty password for no bytes. */
export function withMacOfNoBytes(file: Buffer): Buffer {
  const request = { hash: 'sha1', password: Buffer.alloc(0), salt: SALT, iterations: ITERATIONS, length: 20 } as const;
  const key = derivePkcs12Key(request, PURPOSE.mac, executionWith());
  const mac = createHmac('sha1', key).update(coveredIn(file)).digest();
  const algorithm = sequence(oid('1.3.14.3.2.26'), nothing());
  return withMac(file, sequence(sequence(algorithm, octetString(mac)), octetString(SALT), integer(ITERATIONS)));
}

/** A right PBMAC1, under a key of this length. */
export function withPbmac1(file: Buffer, password: string, keyBytes: number): Buffer {
  const hmac = sequence(oid('1.2.840.113549.2.9'), nothing());
  const key = pbkdf2Sync(password, SALT, ITERATIONS, keyBytes, 'sha256');
  const mac = createHmac('sha256', key).update(coveredIn(file)).digest();
  const parameters = sequence(octetString(SALT), integer(ITERATIONS), integer(keyBytes), hmac);
  const derivation = sequence(oid('1.2.840.113549.1.5.12'), parameters);
  const algorithm = sequence(oid('1.2.840.113549.1.5.14'), sequence(derivation, hmac));
  return withMac(file, sequence(sequence(algorithm, octetString(mac)), octetString(Buffer.alloc(8))));
}

function withMac(file: Buffer, macData: Uint8Array): Buffer {
  const [version, content] = elements(readDer(file));
  if (version === undefined || content === undefined) throw new Error('the file is no PFX');
  return Buffer.from(sequence(version.whole, content.whole, macData));
}

function coveredIn(file: Buffer): Uint8Array {
  const found: Der | undefined = allIn(readDer(file), TAG.octetString)[0];
  if (found === undefined) throw new Error('the file holds nothing');
  return octetsOf(found);
}
