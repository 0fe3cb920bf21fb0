/** An image of busybox alone: it waits, which is what a pod's sandbox does, and has a shell to look around in a pod. */

import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { writeImageArchive } from '../../../scripts/image/image-archive.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../reaper.ts';

/** Debian's busybox-static, which needs no libraries. */
const BUSYBOX = '/bin/busybox';
const APPLETS = ['sh', 'cat', 'date', 'env', 'id', 'ls', 'sleep', 'stat', 'test', 'touch', 'wget'];

/** Registry and repository are what a runtime makes of a name without any. */
export const WAITING_IMAGE = 'docker.io/library/keyturn-waiting:1';

/** @returns path of a docker-archive in `directory` */
export async function writeWaitingImage(directory: string, signal?: AbortSignal): Promise<string> {
  const outfile = join(directory, 'waiting.tar');
  const root: TemporaryDirectory = temporaryDirectory('image');
  try {
    await mkdir(join(root.path, 'bin'));
    await copyFile(BUSYBOX, join(root.path, 'bin/busybox'));
    for (const applet of APPLETS) await symlink('busybox', join(root.path, 'bin', applet));
    const wait = "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait; done";
    await writeImageArchive({
      name: WAITING_IMAGE,
      rootDirectory: root.path,
      config: { env: { PATH: '/bin' }, entrypoint: ['/bin/sh', '-c'], command: [wait], user: '' },
      outfile,
      signal,
    });
    return outfile;
  } finally {
    root.remove();
  }
}
