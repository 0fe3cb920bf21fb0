/** `rsaDecrypt`: what was encrypted to an RSA key with OAEP. */

import { constants, privateDecrypt } from 'node:crypto';
import { bytesToGo, type Execution, type GoString, goToBytes, TemplateFault } from '../value.ts';
import { orFault } from './or-fault.ts';
import { firstPem } from './pem.ts';
import { readPrivateKey, spendForUse } from './private-key.ts';

/** Also of the mask generation; any other name is SHA-256, as upstream has it. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['SHA1', 'sha1'],
  ['SHA512', 'sha512'],
]);

/**
 * @param scheme `None` gives the data as they are
 * @throws TemplateFault; TemplateError when the limits are spent
 */
export function rsaDecrypt(
  scheme: GoString,
  hash: GoString,
  data: GoString,
  key: GoString,
  execution: Execution,
): GoString {
  if ((scheme as string) === 'None') return data;
  if ((scheme as string) !== 'RSA-OAEP') {
    throw new TemplateFault('the decryption scheme is not supported: expected None or RSA-OAEP');
  }
  const privateKey = readPrivateKey(firstPem(key, 'the private key').block.bytes, execution);
  if (privateKey.asymmetricKeyType !== 'rsa') throw new TemplateFault('the private key is not RSA');
  spendForUse(privateKey, execution);
  const options = {
    key: privateKey,
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: HASHES.get(hash) ?? 'sha256',
  };
  const plain = orFault('the data could not be decrypted with this RSA key, scheme and hash', () =>
    privateDecrypt(options, goToBytes(data)),
  );
  return bytesToGo(plain);
}
