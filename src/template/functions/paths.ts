/** Functions on slash-separated paths. The `os` ones are the same: Keyturn, like its predecessor, runs on Linux. */

import { type FunctionTable, type GoFunction, type GoString, goString } from '../value.ts';
import { define } from './declare.ts';

/** As `path.Clean`: the shortest path that means the same, without looking at any file. */
function clean(path: GoString): GoString {
  const isRooted = path.startsWith('/');
  const joined = keptParts(path, isRooted).join('/');
  if (isRooted) return `/${joined}` as GoString;
  return joined === '' ? goString('.') : (joined as GoString);
}

/** Each `..` takes the part before it away; above the root there is nothing. */
function keptParts(path: GoString, isRooted: boolean): string[] {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    const hasParent = kept.length > 0 && kept.at(-1) !== '..';
    if (part === '..' && hasParent) kept.pop();
    else if (part !== '..' || !isRooted) kept.push(part);
  }
  return kept;
}

function base(path: GoString): GoString {
  if (path === '') return goString('.');
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? goString('/') : (trimmed.slice(trimmed.lastIndexOf('/') + 1) as GoString);
}

function dir(path: GoString): GoString {
  return clean(path.slice(0, path.lastIndexOf('/') + 1) as GoString);
}

function ext(path: GoString): GoString {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return (dot < 0 ? '' : name.slice(dot)) as GoString;
}

function onPath(result: (path: GoString) => GoString): GoFunction {
  return define(['string'], 'string', ([path]) => result(path));
}

const isAbsolute: GoFunction = define(['string'], 'bool', ([path]) => path.startsWith('/'));

export const PATHS: FunctionTable = new Map([
  ['base', onPath(base)],
  ['clean', onPath(clean)],
  ['dir', onPath(dir)],
  ['ext', onPath(ext)],
  ['isAbs', isAbsolute],
  ['osBase', onPath(base)],
  ['osClean', onPath(clean)],
  ['osDir', onPath(dir)],
  ['osExt', onPath(ext)],
  ['osIsAbs', isAbsolute],
]);
