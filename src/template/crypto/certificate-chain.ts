/**
 * Orders certificates from the leaf to the root, by the identifiers of their keys. This puts a file in order, it proves
 * nothing: no signature, no date and no usage is looked at.
 */

import { type Execution, type GoString, TemplateFault } from '../value.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { allPem, encodeCertificates } from './pem.ts';

const NO_CERTIFICATES = '' as GoString;

/** @throws TemplateFault when a block is no certificate */
function certificatesInPem(text: GoString, execution: Execution): Certificate[] {
  return allPem(text).blocks.map((block) => readCertificate(block.bytes, execution));
}

/** @throws TemplateFault when the certificates are not one chain */
function orderChain(certificates: readonly Certificate[]): Certificate[] {
  const parentOf = parents(certificates);
  const signers = new Set(parentOf.values());
  const leaves = certificates.filter((certificate) => !signers.has(certificate));
  const [leaf] = leaves;
  if (leaf === undefined) throw new TemplateFault('the certificates have no leaf');
  if (leaves.length > 1) throw new TemplateFault('the certificates are not one chain: there are several leaves');
  const chain: Certificate[] = [];
  for (let link: Certificate | undefined = leaf; link !== undefined; link = parentOf.get(link)) {
    if (chain.length === certificates.length) throw new TemplateFault('the certificates sign each other in a circle');
    chain.push(link);
  }
  return chain;
}

/** In order when they are one chain, as they are when not. */
export function orderChainIfPossible(certificates: readonly Certificate[]): readonly Certificate[] {
  try {
    return orderChain(certificates);
  } catch (error) {
    if (error instanceof TemplateFault) return certificates;
    throw error;
  }
}

/**
 * `filterCertChain`: the leaf, what is between, or the root of a chain that may stand in any order; empty when the chain has none.
 * @param part `leaf`, `intermediate` or `root`; any other gives nothing, as upstream has it
 * @throws TemplateFault
 */
export function filterCertificateChain(part: GoString, text: GoString, execution: Execution): GoString {
  const chain = orderChain(certificatesInPem(text, execution));
  const [leaf, ...others] = chain;
  const last = chain.at(-1);
  switch (part as string) {
    case 'leaf':
      return leaf !== undefined && !isRoot(leaf) ? pemOf([leaf]) : NO_CERTIFICATES;
    case 'intermediate':
      return pemOf(upToRoot(others));
    case 'root':
      return last !== undefined && isRoot(last) ? pemOf([last]) : NO_CERTIFICATES;
    default:
      return NO_CERTIFICATES;
  }
}

/** Each certificate's parent: the first other one that has the key which the certificate names as its authority's. */
function parents(certificates: readonly Certificate[]): Map<Certificate, Certificate> {
  const byKeyId = Map.groupBy(certificates, (certificate) => keyText(certificate.subjectKeyId));
  const parentOf = new Map<Certificate, Certificate>();
  for (const certificate of certificates) {
    const authority = keyText(certificate.authorityKeyId);
    // Upstream takes two missing identifiers for equal ones, which tears the chains that sprig's own genCA makes.
    if (authority === '') continue;
    const [first, second] = byKeyId.get(authority) ?? [];
    const parent = first === certificate ? second : first;
    if (parent !== undefined) parentOf.set(certificate, parent);
  }
  return parentOf;
}

function upToRoot(certificates: readonly Certificate[]): readonly Certificate[] {
  const root = certificates.findIndex(isRoot);
  return root === -1 ? certificates : certificates.slice(0, root);
}

/** It names no authority, or itself. */
function isRoot(certificate: Certificate): boolean {
  if (certificate.authorityKeyId === undefined) return true;
  return keyText(certificate.authorityKeyId) === keyText(certificate.subjectKeyId);
}

function keyText(keyId: Uint8Array | undefined): string {
  return keyId === undefined ? '' : Buffer.from(keyId).toString('latin1');
}

function pemOf(certificates: readonly Certificate[]): GoString {
  return encodeCertificates(certificates.map((certificate) => certificate.der));
}
