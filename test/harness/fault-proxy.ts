/**
 * A reverse proxy on loopback in front of the API server or an AWS endpoint, which does to chosen requests what
 * networks and overloaded servers do. Bodies are streamed, so watches pass through it; Authorization passes too.
 * An upstream that cannot be reached shows as a broken connection.
 */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer,
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer, Agent as HttpsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterAccess } from './cluster-client.ts';
import { type Exchange, forward, type ReplyMode, type Upstream } from './proxy-exchange.ts';

const KEPT_REQUESTS = 50_000;

export interface ProxiedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** `x-amz-target` without the service's prefix, such as `GetSecretValue`; empty for the API server. */
  readonly target: string;
}

export type RecordedRequest = Omit<ProxiedRequest, 'headers'>;

export type Match = (request: ProxiedRequest) => boolean;

export type Fault =
  /** Answers itself. An object becomes JSON. */
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly body?: string | object;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Passes the request on later. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Does nothing until the rule is released. */
  | { readonly kind: 'hang' }
  /** Breaks the connection; the upstream never sees the request. */
  | { readonly kind: 'drop' }
  /** The upstream handles the request, and the connection breaks instead of its reply. */
  | { readonly kind: 'loseReply' }
  /** Breaks the connection in the middle of the reply's body, or after so many bytes of it. */
  | { readonly kind: 'cut'; readonly afterBytes?: number };

export interface Rule {
  /** How many requests it was applied to. */
  readonly hits: number;
  /** Later requests pass. */
  remove(): void;
  /** Removes it, and passes on what hangs by it. */
  release(): void;
}

export interface Held {
  /** Resolves when a request has come and waits. */
  readonly reached: Promise<ProxiedRequest>;
  /** Passes it on to the upstream. */
  release(): void;
  /** Breaks its connection; the upstream never sees it. */
  drop(): void;
}

export interface FaultProxyOptions {
  /** Such as `https://127.0.0.1:6443`. */
  readonly upstream: string;
  /** PEM to trust for https. */
  readonly ca?: string | Buffer | undefined;
  /** PEM with which the proxy itself serves https. @default it serves http */
  readonly serverCertificate?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
}

/**
 * For a proxy in front of the API server. It serves with the API server's own certificate, so that a kubeconfig
 * differs in the port only; kubectl and others send no token over plain http.
 */
export function inFrontOfApiServer({ url, caPath, serverKeyPath }: ClusterAccess): FaultProxyOptions {
  const cert = readFileSync(caPath);
  return { upstream: url, ca: cert, serverCertificate: { cert, key: readFileSync(serverKeyPath) } };
}

export interface FaultProxy {
  readonly url: string;
  /** What came, oldest first; bounded. */
  readonly requests: readonly RecordedRequest[];
  /** Applies `fault` to the next `times` requests that match; the first rule that matches counts. @default forever */
  fail(match: Match, fault: Fault, times?: number): Rule;
  /** Stops the next request that matches before it reaches the upstream. */
  hold(match: Match): Held;
  /** Breaks the connections of open exchanges (watches) that match. @returns how many */
  dropOpen(match?: Match): number;
  /** Lets nothing more through on open exchanges that match, without a word. @returns how many */
  freezeOpen(match?: Match): number;
  /** Forgets all rules and records; what hangs or is frozen goes on. */
  clear(): void;
  stop(): Promise<void>;
}

type Release = 'forward' | 'drop';

interface ActiveRule {
  readonly match: Match;
  readonly fault: Fault;
  readonly onHang: (request: ProxiedRequest) => void;
  readonly waiting: Set<(release: Release) => void>;
  times: number;
  hits: number;
}

interface OpenExchange extends Exchange {
  readonly request: ProxiedRequest;
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const upstream = upstreamOf(options);
  const rules: ActiveRule[] = [];
  const open = new Set<OpenExchange>();
  const requests: RecordedRequest[] = [];
  const onRequest = (incoming: IncomingMessage, reply: ServerResponse) => {
    const request = describeRequest(incoming);
    requests.push({ method: request.method, path: request.path, target: request.target });
    requests.splice(0, requests.length - KEPT_REQUESTS);
    void serve(upstream, takeRule(rules, request), open, request, incoming, reply);
  };
  const { serverCertificate } = options;
  const server =
    serverCertificate === undefined ? createServer(onRequest) : createSecureServer(serverCertificate, onRequest);
  // A hanging request hangs as long as the test says.
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const openMatching = (match: Match) => Array.from(open).filter(({ request }) => match(request));
  const everything: Match = () => true;
  return {
    url: `${serverCertificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    fail: (match, fault, times = Number.POSITIVE_INFINITY) => addRule(rules, match, fault, times).rule,
    hold: (match) => addHold(rules, match),
    dropOpen: (match = everything) => openMatching(match).map((each) => each.drop()).length,
    freezeOpen: (match = everything) => openMatching(match).map((each) => each.freeze()).length,
    clear() {
      for (const rule of rules.splice(0)) {
        settle(rule, 'forward');
      }
      for (const each of open) {
        each.thaw();
      }
      requests.length = 0;
    },
    async stop() {
      for (const rule of rules.splice(0)) {
        settle(rule, 'drop');
      }
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      upstream.agent.destroy();
    },
  };
}

/** Serves one request by the rule that it fell under, and counts it as open until its connection is done with it. */
async function serve(
  upstream: Upstream,
  rule: ActiveRule | undefined,
  open: Set<OpenExchange>,
  request: ProxiedRequest,
  incoming: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  const pass = (mode: ReplyMode) => {
    if (reply.destroyed) {
      return;
    }
    const exchange = { request, ...forward(upstream, incoming, reply, mode) };
    open.add(exchange);
    reply.on('close', () => open.delete(exchange));
  };
  const fault = rule?.fault;
  switch (fault?.kind) {
    case 'reply':
      return answer(reply, fault);
    case 'drop':
      return void incoming.socket.destroy();
    case 'loseReply':
      return pass({ kind: 'lose' });
    case 'cut':
      return pass({ kind: 'cut', afterBytes: fault.afterBytes });
    case 'delay':
      await untilOver(fault.delayMs, reply);
      return pass({ kind: 'whole' });
    case 'hang':
      return (await released(rule, request, reply)) === 'forward'
        ? pass({ kind: 'whole' })
        : void incoming.socket.destroy();
    case undefined:
      return pass({ kind: 'whole' });
  }
}

function answer(reply: ServerResponse, { status, body = '', headers = {} }: Extract<Fault, { kind: 'reply' }>): void {
  const isText = typeof body === 'string';
  reply.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
  reply.end(isText ? body : JSON.stringify(body));
}

async function untilOver(delayMs: number, reply: ServerResponse): Promise<void> {
  const gone = new AbortController();
  reply.once('close', () => gone.abort());
  await sleep(delayMs, undefined, { signal: gone.signal }).catch(() => undefined);
}

function released(rule: ActiveRule | undefined, request: ProxiedRequest, reply: ServerResponse): Promise<Release> {
  return new Promise((resolve) => {
    rule?.waiting.add(resolve);
    reply.once('close', () => {
      rule?.waiting.delete(resolve);
      resolve('drop');
    });
    rule?.onHang(request);
  });
}

function addRule(
  rules: ActiveRule[],
  match: Match,
  fault: Fault,
  times: number,
  onHang: (request: ProxiedRequest) => void = () => undefined,
): { readonly active: ActiveRule; readonly rule: Rule } {
  const active: ActiveRule = { match, fault, times, hits: 0, waiting: new Set(), onHang };
  rules.push(active);
  return {
    active,
    rule: {
      get hits() {
        return active.hits;
      },
      remove() {
        active.times = 0;
      },
      release: () => settle(active, 'forward'),
    },
  };
}

function addHold(rules: ActiveRule[], match: Match): Held {
  const reached = Promise.withResolvers<ProxiedRequest>();
  const { active } = addRule(rules, match, { kind: 'hang' }, 1, reached.resolve);
  return {
    reached: reached.promise,
    release: () => settle(active, 'forward'),
    drop: () => settle(active, 'drop'),
  };
}

function settle(rule: ActiveRule, release: Release): void {
  rule.times = 0;
  for (const resolve of rule.waiting) {
    resolve(release);
  }
  rule.waiting.clear();
}

function takeRule(rules: readonly ActiveRule[], request: ProxiedRequest): ActiveRule | undefined {
  const rule = rules.find((each) => each.times > 0 && each.match(request));
  if (rule !== undefined) {
    rule.times -= 1;
    rule.hits += 1;
  }
  return rule;
}

function describeRequest(incoming: IncomingMessage): ProxiedRequest {
  const target = String(incoming.headers['x-amz-target'] ?? '');
  return {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: incoming.headers,
    target: target.slice(target.lastIndexOf('.') + 1),
  };
}

function upstreamOf({ upstream, ca }: FaultProxyOptions): Upstream {
  const url = new URL(upstream);
  // No connection is kept: one that had died meanwhile would be a fault that no rule asked for.
  const agent = url.protocol === 'https:' ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false });
  return { url, ca, agent };
}
