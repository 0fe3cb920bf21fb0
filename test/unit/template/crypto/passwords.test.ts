import { compareSync, getRounds } from 'bcryptjs';
import { describe, expect, it, test } from 'vitest';
import type { GoInt } from '../../../../src/template/value.ts';
import { call, callForText, callWith, executionWith, faultOf, SpentError } from './call-function.ts';
import { GO_MASTER_PASSWORDS } from './fixtures.ts';

function uint32(value: number): GoInt {
  return { kind: 'uint32', type: 'uint32', value: BigInt(value) };
}

describe('bcrypt', () => {
  it('gives a hash that the password and no other fits, at the cost that Go takes', () => {
    const hash = callForText('bcrypt', 'fäke-password');
    expect(hash).toMatch(/^\$2a\$10\$.{53}$/);
    expect(getRounds(hash)).toBe(10);
    expect(compareSync('fäke-password', hash)).toBe(true);
    expect(compareSync('fake-password', hash)).toBe(false);
  });

  it('takes 72 bytes and no more: the rest would not count', () => {
    expect(callForText('bcrypt', 'x'.repeat(72))).toMatch(/^\$2a\$/);
    const message = 'the password is too long for bcrypt: expected at most 72 bytes';
    expect(faultOf('bcrypt', 'x'.repeat(73))).toBe(message);
    expect(faultOf('bcrypt', 'ä'.repeat(37))).toBe(message);
  });

  it('refuses bytes that are no text', () => {
    expect(faultOf('bcrypt', Buffer.from([0xff, 0xfe]))).toMatch(/not UTF-8/);
  });

  it('is paid for before it works', () => {
    expect(() => callWith(executionWith({ steps: 10_000, bytes: 1e6 }), 'bcrypt', 'fake-password')).toThrow(SpentError);
  });
});

describe('htpasswd', () => {
  test('"sha" is the hash of Apache, which has no salt', () => {
    expect(callForText('htpasswd', 'fake-user', 'fake-password', 'sha')).toBe(
      'fake-user:{SHA}oPQX1Y5ybrOC7zriLuldB8DEtA4=',
    );
  });

  test.each(['bcrypt', 'anything else'])('"%s" is bcrypt', (algorithm) => {
    const [user, hash = ''] = callForText('htpasswd', 'fake-user', 'fake-password', algorithm).split(':');
    expect(user).toBe('fake-user');
    expect(compareSync('fake-password', hash)).toBe(true);
  });

  test('a user name with a colon is refused, and not shown', () => {
    expect(faultOf('htpasswd', 'fake:user', 'fake-password', 'sha')).toBe(
      'the user name has a colon, which ends it in an .htpasswd file',
    );
  });
});

describe('derivePassword', () => {
  test.each(GO_MASTER_PASSWORDS)('$type with counter $counter is what sprig derives', (fixture) => {
    const { counter, type, password, user, site, result } = fixture;
    expect(callForText('derivePassword', uint32(counter), type, password, user, site)).toBe(result);
  });

  test('a type that there is not is refused', () => {
    expect(faultOf('derivePassword', uint32(1), 'fake', 'fake-password', 'fake-user', 'fake.example')).toBe(
      'unknown type of password: expected maximum, long, medium, short, basic, pin',
    );
  });

  test('it is paid for before it works', () => {
    const execution = executionWith({ steps: 10_000, bytes: 1e6 });
    expect(() => callWith(execution, 'derivePassword', uint32(1), 'pin', 'a', 'b', 'c')).toThrow(SpentError);
  });
});

describe('randBytes', () => {
  it('gives as many bytes as asked for, in base64, and others each time', () => {
    expect(Buffer.from(callForText('randBytes', 20), 'base64')).toHaveLength(20);
    expect(callForText('randBytes', 0)).toBe('');
    expect(callForText('randBytes', 16)).not.toBe(callForText('randBytes', 16));
  });

  it('gives no more than the limits hold', () => {
    expect(() => call('randBytes', 4_000_000)).toThrow(SpentError);
    expect(() => call('randBytes', Number.MAX_SAFE_INTEGER)).toThrow(SpentError);
    expect(faultOf('randBytes', -1)).toBe('the number of random bytes is negative');
  });
});
