/** JSON pointers as people write field paths: `/spec/data/0/remoteRef` is `spec.data[0].remoteRef`. */

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_NAME_LENGTH = 64;

/**
 * The path that `pointer` takes through `root`, which tells a list index from a key made of digits.
 * Keys that users choose are quoted and cut, so the path stays readable whatever they are.
 */
export function fieldPath(pointer: string, root: unknown): string {
  let path = '';
  let node = root;
  for (const segment of pointer.split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    path += step(name, Array.isArray(node), path === '');
    node = child(node, name);
  }
  return path;
}

function step(name: string, isIndex: boolean, isFirst: boolean): string {
  if (isIndex) {
    return `[${name}]`;
  }
  if (!PLAIN_NAME.test(name)) {
    return `[${JSON.stringify(name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}...` : name)}]`;
  }
  return isFirst ? name : `.${name}`;
}

function child(node: unknown, name: string): unknown {
  if (typeof node !== 'object' || node === null) {
    return undefined;
  }
  return new Map<string, unknown>(Object.entries(node)).get(name);
}
