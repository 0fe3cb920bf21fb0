/** Finds elements anywhere in DER, to say of a file what it uses without saying how it is built. */

import { type Der, elements, oidOf, TAG } from '../../../../src/template/crypto/der-read.ts';

export function oidsIn(der: Der): string[] {
  return allIn(der, TAG.oid).map(oidOf);
}

export function bmpTextsIn(der: Der): string[] {
  return allIn(der, TAG.bmpString).map(({ content }) => Buffer.from(content).swap16().toString('utf16le'));
}

export function allIn(der: Der, tag: number): Der[] {
  if (der.tag === tag) return [der];
  const isConstructed = (der.tag & 0x20) !== 0;
  return isConstructed ? elements(der).flatMap((child) => allIn(child, tag)) : [];
}
