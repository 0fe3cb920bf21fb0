import { Effort, findText } from '../../../src/gjson/gjson.ts';

/** The text, or why there is none. */
export function finding(json: string, path: string, effort = new Effort()): string {
  const result = findText(Buffer.from(json, 'utf8'), path, effort);
  return result.kind === 'found' ? Buffer.from(result.text).toString('utf8') : `(${result.kind})`;
}
