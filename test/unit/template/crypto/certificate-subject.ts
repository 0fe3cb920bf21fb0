/** What a certificate that is signed takes over from its signer's. */

import { readCertificate } from '../../../../src/template/crypto/certificate.ts';
import { firstPem } from '../../../../src/template/crypto/pem.ts';
import { goString } from '../../../../src/template/value.ts';
import { executionWith } from './call-function.ts';

export function subjectOf(certificate: string): { name: Uint8Array; keyId: Uint8Array | undefined } {
  const { block } = firstPem(goString(certificate), 'the fixture');
  const { subject, subjectKeyId } = readCertificate(block.bytes, executionWith());
  return { name: subject.whole, keyId: subjectKeyId };
}
