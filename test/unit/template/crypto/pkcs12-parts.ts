/** The parts of a PKCS#12 file that Keyturn wrote, for what it does not read itself: a trust store has no key. */

import { type Der, elements, octetsOf, readDer, TAG } from '../../../../src/template/crypto/der-read.ts';
import { decryptWithPassword } from '../../../../src/template/crypto/pkcs12-cipher.ts';
import { pkcs12Password } from '../../../../src/template/crypto/pkcs12-password.ts';
import { goString } from '../../../../src/template/value.ts';
import { executionWith } from './call-function.ts';
import { allIn } from './der-search.ts';

/** What the MAC covers: the two or more parts of a file. */
export function safeOf(file: Buffer): Der {
  const [safe] = allIn(readDer(file), TAG.octetString);
  if (safe === undefined) throw new Error('the file holds nothing');
  return readDer(octetsOf(safe));
}

/** The bags of a trust store, decrypted. */
export function truststoreBags(file: Buffer, password: string): Der {
  const safe = safeOf(file);
  const [data] = allIn(safe, TAG.context0Primitive);
  const algorithm = algorithmIn(safe);
  if (data === undefined || algorithm === undefined) throw new Error('nothing is encrypted');
  return readDer(decryptWithPassword(algorithm, data.content, pkcs12Password(goString(password)), executionWith()));
}

/** contents → content → [0] → EncryptedData → EncryptedContentInfo → algorithm */
function algorithmIn(safe: Der): Der | undefined {
  return [0, 1, 0, 1, 1].reduce<Der | undefined>((der, index) => der && elements(der)[index], safe);
}
