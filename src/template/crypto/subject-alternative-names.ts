/** `certSANs`: the names that a certificate holds for: DNS names, then IP addresses, e-mail addresses and URIs. */

import { bytesToGo, type Execution, type GoString, goString, TemplateFault } from '../value.ts';
import { readCertificate } from './certificate.ts';
import { type Der, elements } from './der-read.ts';
import { formatIpAddress } from './ip-address.ts';
import { firstPem, fromFirstBegin } from './pem.ts';

/** The tags of a GeneralName, in the order in which the kinds are listed. */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
const EMAIL = 0x81;
const URI = 0x86;
const LISTED = [DNS_NAME, IP_ADDRESS, EMAIL, URI];

/** @throws TemplateFault when the first block is no certificate */
export function subjectAlternativeNames(text: GoString, execution: Execution): GoString[] {
  const { block } = firstPem(fromFirstBegin(text), 'the certificate');
  const { subjectAltName } = readCertificate(block.bytes, execution);
  const names = subjectAltName === undefined ? [] : elements(subjectAltName);
  return LISTED.flatMap((tag) => names.filter((name) => name.tag === tag).map(nameText));
}

function nameText(name: Der): GoString {
  const { content } = name;
  if (name.tag !== IP_ADDRESS) return bytesToGo(content);
  if (content.length !== 4 && content.length !== 16) {
    throw new TemplateFault('the certificate has an IP address of a wrong length');
  }
  return goString(formatIpAddress(content));
}
