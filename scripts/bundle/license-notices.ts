/** The licences of the bundled packages, word for word: most of them ask to be handed on with every copy. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundledPackage } from './bundled-packages.ts';

const NOTICE_FILE = /^(licen[cs]e|copying|notice|copyright)/i;
const RULE = `\n\n${'='.repeat(80)}\n\n`;

/** Each text once, below the packages that have it. One without a file of its own is under the licence that it declares. */
export function licenseNotices(packages: readonly BundledPackage[], root = '.'): string {
  const titlesByText = new Map<string, string[]>();
  for (const each of packages) {
    const text = noticesIn(join(root, each.directory));
    const titles = titlesByText.get(text) ?? [];
    titles.push(`${each.name} ${each.version}: ${each.license}`);
    titlesByText.set(text, titles);
  }
  const notices = Array.from(titlesByText, ([text, titles]) => `${titles.join('\n')}${text && `\n\n${text}`}`);
  return `${['Keyturn contains parts of these packages.', ...notices].join(RULE)}\n`;
}

function noticesIn(directory: string): string {
  const names = readdirSync(directory).filter((name) => NOTICE_FILE.test(name));
  const texts = names.sort().map((name) => readFileSync(join(directory, name), 'utf8').replaceAll('\r\n', '\n').trim());
  return texts.join('\n\n');
}
