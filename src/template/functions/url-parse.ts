/** URLs taken apart, as Go's `net/url` does. */

import { isIPv6Text } from './ipv6-text.ts';
import { escapePart, InvalidUrl, unescapePart } from './url-escape.ts';

export interface Userinfo {
  readonly username: string;
  readonly password: string | undefined;
}

/** Decoded but for the query. */
export interface ParsedUrl {
  readonly scheme: string;
  readonly opaque: string;
  readonly user: Userinfo | undefined;
  /** With the port. */
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const CONTROL = /[\x00-\x1f\x7f]/;
const OPTIONAL_PORT = /^(?::[0-9]*)?$/;
const USERINFO = /^[A-Za-z0-9._:~!$&'()*+,;=%@-]*$/;

function cut(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function checkPort(port: string): void {
  if (!OPTIONAL_PORT.test(port)) throw new InvalidUrl();
}

/** `[fe80::1%25en0]:80`: the zone after `%25` has rules of its own. */
function parseBracketed(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new InvalidUrl();
  const port = host.slice(close + 1);
  checkPort(port);
  const address = host.slice(1, close);
  const zoneAt = address.indexOf('%25');
  const name =
    zoneAt < 0
      ? unescapePart(address, 'host')
      : unescapePart(address.slice(0, zoneAt), 'host') + unescapePart(address.slice(zoneAt), 'zone');
  if (!isIPv6Text(name)) throw new InvalidUrl();
  return `[${name}]${unescapePart(port, 'host')}`;
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new InvalidUrl();
  if (bracket === 0) return parseBracketed(host);
  // Lists of hosts with ports, which databases take, are none of HTTP's.
  const isHttp = scheme === 'http' || scheme === 'https';
  const colon = isHttp ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon));
  return unescapePart(host, 'host');
}

/** @throws InvalidUrl */
function parseUserinfo(text: string): Userinfo {
  if (!USERINFO.test(text)) throw new InvalidUrl();
  const [username, password] = cut(text, ':');
  return {
    username: unescapePart(username, 'user'),
    password: password === undefined ? undefined : unescapePart(password, 'user'),
  };
}

function parseAuthority(scheme: string, authority: string): Pick<ParsedUrl, 'user' | 'host'> {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  return { host, user: at < 0 ? undefined : parseUserinfo(authority.slice(0, at)) };
}

function parseHierarchy(scheme: string, text: string): Pick<ParsedUrl, 'user' | 'host' | 'path'> {
  const hasAuthority = text.startsWith('//') && (scheme !== '' || !text.startsWith('///'));
  if (!hasAuthority) return { user: undefined, host: '', path: unescapePart(text, 'path') };
  const slash = text.indexOf('/', 2);
  const end = slash < 0 ? text.length : slash;
  return { ...parseAuthority(scheme, text.slice(2, end)), path: unescapePart(text.slice(end), 'path') };
}

/** @throws InvalidUrl */
export function parseUrl(text: string): ParsedUrl {
  const [beforeFragment, fragment = ''] = cut(text, '#');
  if (CONTROL.test(beforeFragment) || beforeFragment.startsWith(':')) throw new InvalidUrl();
  const nothing = { scheme: '', opaque: '', user: undefined, host: '', path: '', query: '' };
  const decoded = { ...nothing, fragment: unescapePart(fragment, 'fragment') };
  if (beforeFragment === '*') return { ...decoded, path: '*' };

  const [, schemeText = '', afterScheme = beforeFragment] = SCHEME.exec(beforeFragment) ?? [];
  const scheme = schemeText.toLowerCase();
  const [rest, query = ''] = cut(afterScheme, '?');
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...decoded, scheme, opaque: rest, query };
    if (cut(rest, '/')[0].includes(':')) throw new InvalidUrl();
  }
  return { ...decoded, scheme, query, ...parseHierarchy(scheme, rest) };
}

export function userinfoText({ username, password }: Userinfo): string {
  const escaped = escapePart(username, 'user');
  return password === undefined ? escaped : `${escaped}:${escapePart(password, 'user')}`;
}

/** Without port and brackets. */
export function hostname(host: string): string {
  const colon = host.lastIndexOf(':');
  const bare = colon >= 0 && OPTIONAL_PORT.test(host.slice(colon)) ? host.slice(0, colon) : host;
  return bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare;
}

function authorityText({ scheme, user, host, path }: ParsedUrl): string {
  if (scheme === '' && host === '' && user === undefined) return '';
  if (host === '' && path === '' && user === undefined) return '';
  return `//${user === undefined ? '' : `${userinfoText(user)}@`}${escapePart(host, 'host')}`;
}

function pathText(url: ParsedUrl, before: string): string {
  const path = url.path === '*' ? '*' : escapePart(url.path, 'path');
  if (path !== '' && !path.startsWith('/') && url.host !== '') return `/${path}`;
  // A colon in the first segment would be read as that of a scheme.
  return before === '' && cut(path, '/')[0].includes(':') ? `./${path}` : path;
}

export function urlText(url: ParsedUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  const authority = url.opaque === '' ? scheme + authorityText(url) : scheme;
  const path = url.opaque === '' ? pathText(url, authority) : url.opaque;
  const query = url.query === '' ? '' : `?${url.query}`;
  return authority + path + query + (url.fragment === '' ? '' : `#${escapePart(url.fragment, 'fragment')}`);
}
