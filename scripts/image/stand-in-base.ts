/**
 * What stands in for an image of Node where no registry is: the Node binary of the npm package `node-linux-*` with the shared
 * libraries that it links.
 */

import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const PASSWD = 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n';

/** @param node where the image has it */
export async function layStandInBase(rootDirectory: string, node: string): Promise<void> {
  // mkdtemp makes it for its owner only; in the image it is `/`.
  await chmod(rootDirectory, 0o755);
  const binary = nodeBinary();
  await put(binary, join(rootDirectory, node));
  for (const library of librariesOf(binary)) await put(library, join(rootDirectory, library));
  await mkdir(join(rootDirectory, 'etc'));
  await writeFile(join(rootDirectory, 'etc/passwd'), PASSWD);
  await mkdir(join(rootDirectory, 'tmp'));
  await chmod(join(rootDirectory, 'tmp'), 0o1777);
}

/** Makes directories, follows links, keeps the mode. */
export async function put(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

/** The one of the pinned package, whatever Node runs this. */
function nodeBinary(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve(`node-linux-${process.arch}/package.json`)), 'bin/node');
}

/** With the loader itself, as ldd(1) tells; the paths are those in the image. */
function librariesOf(binary: string): readonly string[] {
  const lines = execFileSync('ldd', [binary], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}
