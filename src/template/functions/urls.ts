/** Functions that take URLs apart into maps, and put them together. */

import {
  dict,
  type FunctionTable,
  type GoMap,
  type GoString,
  type GoValue,
  goString,
  isString,
  TemplateFault,
} from '../value.ts';
import { define } from './declare.ts';
import { kindName } from './list-items.ts';
import { InvalidUrl } from './url-escape.ts';
import { hostname, type ParsedUrl, parseUrl, urlText, userinfoText } from './url-parse.ts';

function orFail<T>(work: () => T, fault: string): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidUrl) throw new TemplateFault(fault);
    throw error;
  }
}

function toDict(url: ParsedUrl): GoMap {
  const parts: Readonly<Record<string, string>> = {
    scheme: url.scheme,
    host: url.host,
    hostname: hostname(url.host),
    path: url.path,
    query: url.query,
    opaque: url.opaque,
    fragment: url.fragment,
    userinfo: url.user === undefined ? '' : userinfoText(url.user),
  };
  // The parts are byte strings as the URL was.
  return dict(Object.entries(parts).map(([name, part]) => [goString(name), part as GoString]));
}

/** Empty where there is none. @throws TemplateFault for what is no text */
function textAt(map: GoMap, key: string): string {
  const value: GoValue | undefined = map.entries.get(goString(key));
  if (value === undefined) return '';
  if (value === null) throw new TemplateFault('runtime error: invalid memory address or nil pointer dereference');
  if (isString(value)) return value;
  throw new TemplateFault(`unable to parse ${key} key, must be of type string, but ${kindName(value)} found`);
}

/** Sprig reads the user's part as that of a URL. @throws InvalidUrl */
function userOf(text: string): ParsedUrl['user'] {
  return text === '' ? undefined : parseUrl(`proto://${text}@host`).user;
}

function fromDict(map: GoMap): ParsedUrl {
  const url = {
    scheme: textAt(map, 'scheme'),
    host: textAt(map, 'host'),
    path: textAt(map, 'path'),
    query: textAt(map, 'query'),
    opaque: textAt(map, 'opaque'),
    fragment: textAt(map, 'fragment'),
  };
  const userinfo = textAt(map, 'userinfo');
  return { ...url, user: orFail(() => userOf(userinfo), 'unable to parse url userinfo') };
}

export const URLS: FunctionTable = new Map([
  ['urlJoin', define(['map[string]interface {}'], 'string', ([map]) => urlText(fromDict(map)) as GoString)],
  [
    'urlParse',
    define(['string'], 'map[string]interface {}', ([text]) =>
      toDict(orFail(() => parseUrl(text), 'unable to parse url')),
    ),
  ],
]);
