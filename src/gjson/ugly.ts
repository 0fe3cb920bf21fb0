import { stringEnd } from './scan.ts';

/** Without the white space that is in no string. */
export function ugly(json: string): string {
  const kept: string[] = [];
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at);
    const isLast = quote === -1;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: for gjson all of them are white space
    kept.push(json.slice(at, isLast ? json.length : quote).replace(/[\x00-\x20]+/g, ''));
    const end = isLast ? -1 : stringEnd(json, quote + 1);
    at = end === -1 ? json.length : end;
    if (!isLast) kept.push(json.slice(quote, at));
  }
  return kept.join('');
}
