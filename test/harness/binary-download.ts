/**
 * Downloads released binaries: etcd, kube-apiserver and kubectl from envtest's archives, what those lack from the
 * Kubernetes release site. Every file is checked against its published SHA-512.
 */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { parse } from 'yaml';
import type { BinaryName, BinaryRequest } from './binaries.ts';
import { everyFewSeconds } from './progress.ts';
import { runCommand } from './run-command.ts';

export interface ReleaseSite {
  /** YAML: `releases.<version>.<archive> = {hash, selfLink}`. */
  readonly envtestIndexUrl: string;
  /** Serves `<version>/bin/<os>/<arch>/<binary>` and the same with `.sha512`. */
  readonly kubernetesUrl: string;
}

export const PUBLIC_RELEASES: ReleaseSite = {
  envtestIndexUrl: 'https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml',
  kubernetesUrl: 'https://dl.k8s.io/release',
};

/** An offline machine finds out that fast. */
const ASK_TIMEOUT_MS = 5_000;
/** A download that delivers nothing for so long has failed. */
const IDLE_TIMEOUT_MS = 20_000;

const IN_ENVTEST: readonly BinaryName[] = ['etcd', 'kube-apiserver', 'kubectl'];

/** Published for Linux only. */
const ON_THE_RELEASE_SITE: readonly BinaryName[] = ['kube-controller-manager', 'kube-scheduler', 'kubelet'];

type Fetcher = EnvHttpProxyAgent;

/**
 * Leaves out what has no release.
 * @throws Error when a site cannot be reached, has no such release, or a checksum differs.
 */
export async function downloadBinaries(request: BinaryRequest, site: ReleaseSite): Promise<void> {
  const fetcher = new EnvHttpProxyAgent({ connectTimeout: ASK_TIMEOUT_MS, bodyTimeout: IDLE_TIMEOUT_MS });
  try {
    if (request.names.some((name) => IN_ENVTEST.includes(name))) {
      await downloadEnvtest(request, site, fetcher);
    }
    const released = request.platform.os === 'linux' ? ON_THE_RELEASE_SITE : [];
    for (const name of released.filter((each) => request.names.includes(each))) {
      await downloadReleased(name, request, site, fetcher);
    }
  } catch (error) {
    request.signal?.throwIfAborted();
    throw new Error(`no download: ${rootMessage(error)}`, { cause: error });
  } finally {
    await fetcher.destroy();
  }
}

async function downloadEnvtest(request: BinaryRequest, site: ReleaseSite, fetcher: Fetcher): Promise<void> {
  const { directory, platform, names } = request;
  const index: unknown = parse(await fetchText(site.envtestIndexUrl, request, fetcher));
  const archive = findArchive(index, request.version, `${platform.os}-${platform.arch}.tar.gz`);
  const workDirectory = await mkdtemp(join(directory, '.partial-'));
  try {
    const file = join(workDirectory, 'envtest.tar.gz');
    await fetchFile(archive.url, file, archive.sha512, `envtest ${archive.version}`, request, fetcher);
    await unpack(file, workDirectory, request);
    for (const name of IN_ENVTEST.filter((each) => names.includes(each))) {
      await rename(join(workDirectory, name), join(directory, name));
    }
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}

async function unpack(file: string, directory: string, { signal }: BinaryRequest): Promise<void> {
  // The archive holds controller-tools/envtest/<binary>.
  const args = ['-xzf', file, '-C', directory, '--strip-components=2'];
  const env = { PATH: process.env['PATH'] };
  const result = await runCommand({ name: 'tar', command: 'tar', args, env, signal, timeoutMs: 120_000 });
  if (result.exitCode !== 0) {
    throw new Error(`unpacking the envtest archive failed: ${result.stderr.trim()}`);
  }
}

async function downloadReleased(
  name: BinaryName,
  request: BinaryRequest,
  site: ReleaseSite,
  fetcher: Fetcher,
): Promise<void> {
  const { directory, platform, version } = request;
  const url = `${site.kubernetesUrl}/${version}/bin/${platform.os}/${platform.arch}/${name}`;
  const sha512 = (await fetchText(`${url}.sha512`, request, fetcher)).trim();
  const partial = join(directory, `.${name}.${process.pid}.partial`);
  try {
    await fetchFile(url, partial, sha512, `${name} ${version}`, request, fetcher);
    await chmod(partial, 0o755);
    await rename(partial, join(directory, name));
  } finally {
    await rm(partial, { force: true });
  }
}

interface Archive {
  readonly version: string;
  readonly url: string;
  readonly sha512: string;
}

/** The exact version, or the newest patch of the same minor: envtest does not publish every patch. */
function findArchive(index: unknown, version: string, suffix: string): Archive {
  const minor = version.slice(0, version.lastIndexOf('.') + 1);
  const rank = (each: string) => (each === version ? Number.POSITIVE_INFINITY : Number(each.slice(minor.length)));
  const candidates = Object.entries(entriesOf(entriesOf(index)['releases']))
    .filter(([each]) => each.startsWith(minor) && /^\d+$/.test(each.slice(minor.length)))
    .sort(([a], [b]) => rank(b) - rank(a));
  for (const [each, archives] of candidates) {
    const { hash, selfLink } = entriesOf(entriesOf(archives)[`envtest-${each}-${suffix}`]);
    if (typeof hash === 'string' && typeof selfLink === 'string') {
      return { version: each, url: selfLink, sha512: hash };
    }
  }
  throw new Error(`envtest has published no ${minor}x for ${suffix}`);
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

async function fetchText(url: string, request: BinaryRequest, fetcher: Fetcher): Promise<string> {
  const signals = [AbortSignal.timeout(ASK_TIMEOUT_MS), ...(request.signal === undefined ? [] : [request.signal])];
  const response = await fetch(url, { dispatcher: fetcher, signal: AbortSignal.any(signals) });
  if (!response.ok) {
    throw new Error(`${url} answered ${response.status}`);
  }
  return await response.text();
}

async function fetchFile(
  url: string,
  path: string,
  sha512: string,
  what: string,
  { progress, signal }: BinaryRequest,
  fetcher: Fetcher,
): Promise<void> {
  progress(`downloading ${what}`);
  const done = everyFewSeconds(progress, (seconds) => `downloading ${what}: ${seconds} s`);
  try {
    const response = await fetch(url, { dispatcher: fetcher, signal: signal ?? null });
    if (!response.ok || response.body === null) {
      throw new Error(`${url} answered ${response.status}`);
    }
    const hash = createHash('sha512');
    const body = Readable.fromWeb(response.body).on('data', (chunk: Uint8Array) => hash.update(chunk));
    await pipeline(body, createWriteStream(path), { ...(signal === undefined ? {} : { signal }) });
    if (hash.digest('hex') !== sha512.toLowerCase()) {
      throw new Error(`${url} does not have the SHA-512 that was published for it`);
    }
  } finally {
    done();
  }
}

/** undici says "fetch failed" and keeps why in the cause. */
function rootMessage(error: unknown): string {
  let root = error;
  while (root instanceof Error && root.cause !== undefined) {
    root = root.cause;
  }
  const text = root instanceof Error ? root.message || root.name : String(root);
  return root instanceof Error && 'code' in root && !text.includes(String(root.code)) ? `${text} (${root.code})` : text;
}
