/** A subject's name as text, in the order and with the escapes that Go gives: truststores use it as alias. */

import { bytesToGo, type GoString, goToText } from '../value.ts';
import { type Der, elements, fieldsOf, oidOf, TAG } from './der-read.ts';
import { der } from './der-write.ts';
import { OID } from './oids.ts';

interface Attribute {
  readonly type: string;
  readonly value: string;
}

/** By name, in the order of the text. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ['2.5.4.5', 'SERIALNUMBER'],
  [OID.commonName, 'CN'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.10', 'O'],
  ['2.5.4.17', 'POSTALCODE'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.6', 'C'],
]);

/** Of these a name has one: the last counts. */
const SINGLE = new Set(['2.5.4.5', OID.commonName]);

/** @throws TemplateFault when the name is malformed */
export function distinguishedName(name: Der): string {
  const attributes = elements(name).flatMap((part) => elements(part).flatMap(attributeOf));
  const known = [...KNOWN].flatMap(([type, label]) => {
    const values = attributes.filter((attribute) => attribute.type === type).map(({ value }) => value);
    const shown = SINGLE.has(type) ? values.slice(-1).filter((value) => value !== '') : values;
    return shown.length === 0 ? [] : [shown.map((value) => `${label}=${escapeValue(value)}`).join('+')];
  });
  const others = attributes.filter((attribute) => !KNOWN.has(attribute.type)).reverse();
  return [...known, ...others.map((other) => `${other.type}=#${hexOf(other.value)}`)].join(',');
}

/** A printable string has this alphabet; Go writes what goes beyond it as UTF-8. */
export function isPrintable(text: string): boolean {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
}

/** Values that are no text have no place in the name. */
function attributeOf(attribute: Der): Attribute[] {
  const fields = fieldsOf(attribute);
  const type = oidOf(fields.take(TAG.oid));
  const value = textOf(fields.takeAny());
  return value === undefined ? [] : [{ type, value }];
}

function textOf(value: Der): string | undefined {
  const bytes = Buffer.from(value.content);
  switch (value.tag) {
    case TAG.utf8String:
    case TAG.printableString:
    case TAG.ia5String:
    case 0x12: // NumericString
      return goToText(bytesToGo(bytes));
    case TAG.t61String:
      return bytes.toString('latin1');
    case TAG.bmpString:
      return bytes.length % 2 === 0 ? bytes.swap16().toString('utf16le') : undefined;
    default:
      return undefined;
  }
}

function escapeValue(value: string): string {
  return value.replaceAll(/[,+"\\<>;]|^ | $|^#/g, (special) => `\\${special}`);
}

function hexOf(value: string): string {
  const text: GoString = bytesToGo(Buffer.from(value, 'utf8'));
  const tag = isPrintable(value) ? TAG.printableString : TAG.utf8String;
  return Buffer.from(der(tag, Buffer.from(text, 'latin1'))).toString('hex');
}
