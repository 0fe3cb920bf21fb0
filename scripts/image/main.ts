/** `npm run image [-- FILE]`: builds the operator and writes its image as a docker-archive. */

import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeOperatorImage } from './operator-image.ts';

const { name, version }: { name: string; version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
const [outfile = `dist/image/${name}-${version}.tar`] = process.argv.slice(2);
mkdirSync(dirname(outfile), { recursive: true });
await import('../build.ts');
const { id, layerBytes } = await writeOperatorImage({ name: `${name}:${version}`, outfile });
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
process.stdout.write(
  `${outfile}: ${name}:${version}, sha256:${id}, ${megabytes(layerBytes)} unpacked, ${megabytes(statSync(outfile).size)} as a file\n`,
);
