import { describe, expect, test } from 'vitest';
import { formatIpAddress, parseIpAddress } from '../../../../src/template/crypto/ip-address.ts';

/** Seen with Go 1.26's net.ParseIP and String. */
describe('addresses are read and written as in Go', () => {
  const texts: Record<string, string | undefined> = {
    '1.2.3.4': '1.2.3.4',
    '::': '::',
    '::1': '::1',
    '1::': '1::',
    '2001:DB8::A': '2001:db8::a',
    '0:0:1:0:0:0:1:0': '0:0:1::1:0',
    '1:0:0:2:0:0:0:3': '1:0:0:2::3',
    '1:0:1:1:1:1:1:1': '1:0:1:1:1:1:1:1',
    '1:2:3:4:5:6:7::': '1:2:3:4:5:6:7:0',
    '::1.2.3.4': '::102:304',
    '::ffff:1.2.3.4': '1.2.3.4',
    '1:2:3:4:5:6:1.2.3.4': '1:2:3:4:5:6:102:304',
    '01.2.3.4': undefined,
    '1.2.3': undefined,
    '256.1.1.1': undefined,
    ' 1.2.3.4': undefined,
    'fe80::1%eth0': undefined,
    '1:2:3:4:5:6:7': undefined,
    '1:2:3:4:5:6:7:8::': undefined,
    '1:2:3:4::5:6:7:8': undefined,
    '1::2::3': undefined,
    ':1': undefined,
    ':::': undefined,
    '12345::': undefined,
    '1.2.3.4::': undefined,
    '': undefined,
  };
  test.each(Object.entries(texts))('"%s"', (text, expected) => {
    const address = parseIpAddress(text);
    expect(address && formatIpAddress(address)).toBe(expected);
  });
});
