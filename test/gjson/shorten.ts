import type { Disagrees } from '../oracle/engine.ts';
import { shortenText } from '../oracle/shorten-text.ts';
import type { PathCase } from './case.ts';

/** Leaves out bytes of the JSON and characters of the path. */
export async function shorten(found: PathCase, disagrees: Disagrees<PathCase>): Promise<PathCase> {
  const path = await shortenText(found.path, (shorter) => disagrees({ ...found, path: shorter }));
  const withJson = (bytes: string): PathCase => ({ ...found, path, json: Buffer.from(bytes, 'latin1') });
  const bytes = Buffer.from(found.json).toString('latin1');
  return withJson(await shortenText(bytes, (shorter) => disagrees(withJson(shorter))));
}
