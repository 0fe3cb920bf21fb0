import { describe, expect, it, test } from 'vitest';
import { call, callForStruct, callForText, faultOf, fieldText } from './call-function.ts';
import { CHAIN, pemOf } from './fixtures.ts';

type Link = keyof typeof CHAIN;

describe('filterCertChain finds its part, whatever the order', () => {
  const orders: Link[][] = [
    ['leaf', 'intermediate', 'root'],
    ['root', 'intermediate', 'leaf'],
    ['intermediate', 'root', 'leaf'],
    ['root', 'leaf', 'intermediate'],
  ];
  test.each(orders.map((order) => [order.join(', '), pemOf(...order)]))('%s', (_, chain) => {
    expect(callForText('filterCertChain', 'leaf', chain)).toBe(pemOf('leaf'));
    expect(callForText('filterCertChain', 'intermediate', chain)).toBe(pemOf('intermediate'));
    expect(callForText('filterCertChain', 'root', chain)).toBe(pemOf('root'));
  });
});

describe('filterCertChain gives nothing for what the chain has not', () => {
  const cases: Record<string, [part: string, links: Link[]]> = {
    'a root alone is no leaf': ['leaf', ['root']],
    'a leaf alone has no root': ['root', ['leaf']],
    'a leaf alone has no intermediate': ['intermediate', ['leaf']],
    'a leaf that the root signs has no intermediate': ['intermediate', ['root', 'other']],
    'a part that there is not': ['trunk', ['leaf', 'intermediate', 'root']],
  };
  test.each(Object.entries(cases))('%s', (_, [part, links]) => {
    expect(callForText('filterCertChain', part, pemOf(...links))).toBe('');
  });

  it('but all certificates between leaf and root are intermediates, even when the root is missing', () => {
    expect(callForText('filterCertChain', 'intermediate', pemOf('intermediate', 'leaf'))).toBe(pemOf('intermediate'));
  });
});

describe('filterCertChain refuses what is not one chain', () => {
  const cases: Record<string, [input: string, message: RegExp]> = {
    'two leaves': [pemOf('leaf', 'intermediate', 'other', 'root'), /several leaves/],
    'nothing at all': ['', /no leaf/],
    'the root twice': [pemOf('leaf', 'intermediate', 'root', 'root'), /in a circle/],
    'a key among the certificates': [pemOf('leaf') + CHAIN.leaf.key, /^the certificate could not be parsed$/],
  };
  test.each(Object.entries(cases))('%s', (_, [input, message]) => {
    expect(faultOf('filterCertChain', 'leaf', input)).toMatch(message);
  });
});

describe('chains that genCA and genSignedCert make are chains', () => {
  it('although neither names both identifiers: a missing one is like no other', () => {
    const key = callForText('genPrivateKey', 'ecdsa');
    const authority = callForStruct('genCAWithKey', 'Fake CA', 30, key);
    const server = callForStruct('genSignedCertWithKey', 'fake.example', null, null, 30, authority, key);
    const [root, leaf] = [fieldText(authority, 'Cert'), fieldText(server, 'Cert')];
    expect(callForText('filterCertChain', 'leaf', root + leaf)).toBe(leaf);
    expect(callForText('filterCertChain', 'root', root + leaf)).toBe(root);
  });
});

describe('certSANs', () => {
  it('lists DNS names, IP addresses, e-mail addresses and URIs, in this order', () => {
    expect(call('certSANs', pemOf('leaf'))).toEqual({
      kind: 'slice',
      type: '[]string',
      items: [
        'fake.example',
        '*.fake.example',
        '10.0.0.1',
        '2001:db8::1:0:0:1',
        '192.0.2.1',
        'a@fake.example',
        'spiffe://fake.example/a',
      ],
    });
  });

  it('is empty when there are none', () => {
    expect(call('certSANs', pemOf('root'))).toMatchObject({ items: [] });
  });

  it('reads the first certificate, also when notes stand before it on its line', () => {
    expect(call('certSANs', `note: ${pemOf('leaf', 'root')}`)).toEqual(call('certSANs', pemOf('leaf')));
  });

  test.each([
    ['what is no PEM', 'fake-secret', 'the certificate is not PEM: no block was found'],
    ['a key', CHAIN.leaf.key, 'the certificate could not be parsed'],
  ])('refuses %s', (_, input, message) => {
    expect(faultOf('certSANs', input)).toBe(message);
  });
});
