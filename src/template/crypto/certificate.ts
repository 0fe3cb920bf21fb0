/** An X.509 certificate: the fields that chains, alternative names and signing need. */

import { X509Certificate } from 'node:crypto';
import { type Execution, TemplateFault } from '../value.ts';
import { type Der, elements, fieldsOf, inside, octetsOf, oidOf, readDer, TAG } from './der-read.ts';
import { OID } from './oids.ts';
import { orFault } from './or-fault.ts';

/** What it costs to read one, in steps. */
const READ_STEPS = 20;

export interface Certificate {
  readonly der: Uint8Array;
  /** The subject's Name, a sequence. */
  readonly subject: Der;
  readonly subjectKeyId: Uint8Array | undefined;
  /** The `keyIdentifier` of the authority's. */
  readonly authorityKeyId: Uint8Array | undefined;
  /** A GeneralNames. */
  readonly subjectAltName: Der | undefined;
}

/** @throws TemplateFault when the bytes are no certificate; TemplateError when the limits are spent */
export function readCertificate(der: Uint8Array, execution: Execution): Certificate {
  execution.spend(READ_STEPS);
  const whole = readDer(der, TAG.sequence);
  orFault('the certificate could not be parsed', () => new X509Certificate(der));
  const fields = fieldsOf(fieldsOf(whole).take(TAG.sequence));
  fields.optional(TAG.context0); // version
  fields.take(TAG.integer); // serial number
  fields.take(TAG.sequence); // signature algorithm
  fields.take(TAG.sequence); // issuer
  fields.take(TAG.sequence); // validity
  const subject = fields.take(TAG.sequence);
  fields.take(TAG.sequence); // public key
  fields.optional(0x81); // issuerUniqueID
  fields.optional(0x82); // subjectUniqueID
  const extensions = extensionsOf(fields.optional(TAG.context3));
  const subjectKeyId = extensions.get(OID.subjectKeyId);
  const subjectAltName = extensions.get(OID.subjectAltName);
  return {
    der,
    subject,
    subjectKeyId: subjectKeyId && octetsOf(readDer(subjectKeyId)),
    authorityKeyId: keyIdentifierOf(extensions.get(OID.authorityKeyId)),
    subjectAltName: subjectAltName && readDer(subjectAltName, TAG.sequence),
  };
}

function extensionsOf(tagged: Der | undefined): Map<string, Uint8Array> {
  const values = new Map<string, Uint8Array>();
  if (tagged === undefined) return values;
  for (const extension of elements(inside(tagged, TAG.sequence))) {
    const fields = fieldsOf(extension);
    const id = oidOf(fields.take(TAG.oid));
    fields.optional(TAG.boolean); // critical
    if (values.has(id)) throw new TemplateFault('the certificate has an extension twice');
    values.set(id, octetsOf(fields.takeAny()));
  }
  return values;
}

function keyIdentifierOf(authorityKeyId: Uint8Array | undefined): Uint8Array | undefined {
  if (authorityKeyId === undefined) return undefined;
  return fieldsOf(readDer(authorityKeyId, TAG.sequence)).optional(TAG.context0Primitive)?.content;
}
