/** Authenticated connections to one API server: headers and undici dispatchers that follow rotating credentials. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { networkReason } from './errors.ts';
import { asText, at } from './narrow.ts';

/** How long a token and certificates are used before files and plugins are asked again. */
const CREDENTIALS_TTL_MS = 10_000;
/** Idle sockets go before load balancers (60 s) and the API server (90 s) drop them. */
const KEEP_ALIVE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_REQUEST_CONNECTIONS = 16;
const MAX_STREAM_CONNECTIONS = 1_024;

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** For calls that end soon. */
  readonly requests: Dispatcher;
  /** For watches. HTTP/1.1 gives each its own connection, so that they have their own pool and starve nothing. */
  readonly streams: Dispatcher;
}

export interface Connection {
  /** `https://host:port`, and the path prefix of a proxy such as Rancher's where there is one. */
  readonly origin: string;
  readonly pathPrefix: string;
  /** @throws Error when a token file cannot be read or a credential plugin fails. */
  credentials(): Promise<Credentials>;
  /** The API server did not accept them: asks files and plugins again at the next call. */
  expire(): void;
  close(): Promise<void>;
}

interface Pools {
  readonly fingerprint: string;
  readonly requests: Dispatcher;
  readonly streams: Dispatcher;
}

export function createConnection(options: {
  readonly config: KubeConfig;
  readonly clock: Clock;
  readonly log: Log;
}): Connection {
  const { config, clock, log } = options;
  const server = new URL(config.getCurrentCluster()?.server ?? '');
  const retired = new Set<Pools>();
  let pools: Pools | undefined;
  let current: { readonly credentials: Promise<Credentials>; readonly untilMs: number } | undefined;

  async function authenticate(): Promise<Credentials> {
    const auth: RequestOptions = {};
    await config.applyToHTTPSOptions(auth);
    const fingerprint = fingerprintOf(auth);
    if (pools?.fingerprint !== fingerprint) {
      if (pools !== undefined) {
        log.info({}, 'TLS credentials for the API server have changed: new connections are opened');
        retire(pools);
      }
      pools = openPools(config, auth, fingerprint);
    }
    return { headers: await headersOf(config, auth), requests: pools.requests, streams: pools.streams };
  }

  /** Calls in flight end on the old connections, watches at their next resume. */
  function retire(old: Pools): void {
    retired.add(old);
    Promise.all([old.requests.close(), old.streams.close()]).then(
      () => retired.delete(old),
      (error: unknown) => log.debug({ reason: networkReason(error) }, 'old connections did not close'),
    );
  }

  return {
    origin: server.origin,
    pathPrefix: server.pathname.replace(/\/$/, ''),
    credentials() {
      if (current === undefined || clock.nowMs() >= current.untilMs) {
        const credentials = authenticate();
        current = { credentials, untilMs: clock.nowMs() + CREDENTIALS_TTL_MS };
        // A failure is not remembered; whoever awaits `credentials` sees it.
        credentials.catch(() => {
          current = undefined;
        });
      }
      return current.credentials;
    },
    expire() {
      current = undefined;
    },
    async close() {
      const open = pools === undefined ? [...retired] : [...retired, pools];
      await Promise.all(open.flatMap((each) => [each.requests.destroy(), each.streams.destroy()]));
    },
  };
}

async function headersOf(config: KubeConfig, auth: RequestOptions): Promise<Readonly<Record<string, string>>> {
  const headers = Object.entries(auth.headers ?? {}).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value).trim()]],
  );
  if (typeof auth.auth === 'string') {
    headers.push(['Authorization', `Basic ${Buffer.from(auth.auth).toString('base64')}`]);
  }
  const tokenFile = asText(at(config.getCurrentUser(), 'authProvider', 'config', 'tokenFile'));
  if (tokenFile !== '') {
    // KubeConfig reads the file at most once a minute, even after the API server has refused the token.
    headers.push(['Authorization', `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`]);
  }
  return Object.fromEntries(headers);
}

function fingerprintOf(auth: RequestOptions): string {
  const hash = createHash('sha256');
  for (const part of [auth.ca, auth.cert, auth.key, auth.pfx, auth.passphrase]) {
    hash.update(Buffer.isBuffer(part) || typeof part === 'string' ? part : '').update('\0');
  }
  return hash.digest('base64');
}

function openPools(config: KubeConfig, auth: RequestOptions, fingerprint: string): Pools {
  return {
    fingerprint,
    requests: openDispatcher(config, auth, MAX_REQUEST_CONNECTIONS),
    streams: openDispatcher(config, auth, MAX_STREAM_CONNECTIONS),
  };
}

function openDispatcher(config: KubeConfig, auth: RequestOptions, connections: number): Dispatcher {
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = auth;
  const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  const chosen = config.createDispatcherOptions(config.getCurrentCluster(), tls);
  const bounds = {
    connections,
    // One HTTP/2 connection would put requests and all watches behind each other.
    allowH2: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
  };
  switch (chosen.type) {
    case 'proxy':
    case 'socks':
      return new ProxyAgent({
        ...bounds,
        uri: chosen.uri,
        requestTls: tls,
      });
    case 'agent':
    case 'none':
      return new Agent({ ...bounds, connect: { ...tls, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS } });
  }
}
