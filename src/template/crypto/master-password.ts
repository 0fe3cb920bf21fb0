/** `derivePassword`: the Master Password algorithm, with scrypt: the same inputs always give the same password. */

import { createHmac, scryptSync } from 'node:crypto';
import { type Execution, type GoString, goToBytes, TemplateFault } from '../value.ts';

/** One derivation takes some 120 ms and 34 MB. */
const SCRYPT_STEPS = 60_000;
const SCRYPT = { N: 32_768, r: 8, p: 2, maxmem: 64 * 1024 * 1024 } as const;

const SCOPE = Buffer.from('com.lyndir.masterpassword', 'latin1');

/** Each letter of a template stands for one of these characters. */
const CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['V', 'AEIOU'],
  ['C', 'BCDFGHJKLMNPQRSTVWXYZ'],
  ['v', 'aeiou'],
  ['c', 'bcdfghjklmnpqrstvwxyz'],
  ['A', 'AEIOUBCDFGHJKLMNPQRSTVWXYZ'],
  ['a', 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz'],
  ['n', '0123456789'],
  ['o', "@&%?,=[]_:-+*$#!'^~;()/."],
  ['x', 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()'],
]);

const LONG_TEMPLATES = [
  'CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv',
  'CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv',
  'CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno',
];

const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ['maximum', ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno']],
  ['long', LONG_TEMPLATES.flatMap((line) => line.split(' '))],
  ['medium', ['CvcnoCvc', 'CvcCvcno']],
  ['short', ['Cvcn']],
  ['basic', ['aaanaaan', 'aannaaan', 'aaannaaa']],
  ['pin', ['nnnn']],
]);

export interface MasterPasswordInput {
  /** From 0 to 2^32 - 1: a new one makes a new password for the same site. */
  readonly counter: number;
  /** `maximum`, `long`, `medium`, `short`, `basic` or `pin`. */
  readonly type: GoString;
  readonly password: GoString;
  readonly user: GoString;
  readonly site: GoString;
}

/** @throws TemplateFault when the type is unknown; TemplateError when the limits are spent */
export function masterPassword(input: MasterPasswordInput, execution: Execution): GoString {
  const templates = TEMPLATES.get(input.type);
  if (templates === undefined) {
    throw new TemplateFault(`unknown type of password: expected ${[...TEMPLATES.keys()].join(', ')}`);
  }
  execution.spend(SCRYPT_STEPS);
  const salt = Buffer.concat([SCOPE, withLength(goToBytes(input.user))]);
  const key = scryptSync(goToBytes(input.password), salt, 64, SCRYPT);
  const seed = createHmac('sha256', key)
    .update(SCOPE)
    .update(withLength(goToBytes(input.site)))
    .update(uint32(input.counter))
    .digest();
  const template = templates[(seed[0] ?? 0) % templates.length] ?? '';
  return [...template].map((letter, at) => characterFor(letter, seed[at + 1] ?? 0)).join('') as GoString;
}

function characterFor(letter: string, random: number): string {
  const characters = CHARACTERS.get(letter) ?? '';
  return characters[random % characters.length] ?? '';
}

function withLength(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
