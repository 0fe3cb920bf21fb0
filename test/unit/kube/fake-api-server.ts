/**
 * A stateful API server on loopback: list (paged), watch (with streaming lists and bookmarks) and compaction of one
 * collection, with faults on demand. It speaks the protocol as the real one was seen to, no more.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FakeApiServer {
  readonly url: string;
  readonly kubeconfigPath: string;
  readonly requests: readonly FakeRequest[];
  /** Connections that have ever been accepted. */
  readonly connections: number;
  /** Answers the next request, whatever it is. */
  failNext(answer: FakeAnswer): void;
  /** Answers the next request as if nothing had been asked for. */
  passNext(): void;
  /** Takes the next request and never answers. */
  hangNext(): void;
  /** Answers what is no list or watch. */
  onCall(handler: (request: FakeRequest) => FakeAnswer): void;
  /** False for a server from before streaming lists. */
  streamingLists: boolean;
  /** True: watches are accepted, and nothing is ever sent on them. */
  mute: boolean;
  put(key: string, fields?: object): void;
  remove(key: string): void;
  /** Forgets history: watching from any earlier version is answered with 410. */
  compact(): void;
  bookmark(): void;
  /** Writes to every open watch as it is. */
  writeRaw(text: string): void;
  /** The last event once more. */
  repeatLast(): void;
  endWatches(): void;
  cutWatches(): void;
  readonly openWatches: number;
  state(): ReadonlyMap<string, string>;
  close(): Promise<void>;
}

interface Stored {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion: string };
}

interface Watcher {
  readonly response: ServerResponse;
  readonly namespace: string;
}

export async function startFakeApiServer(): Promise<FakeApiServer> {
  const objects = new Map<string, Stored>();
  const history: { readonly version: number; readonly line: string; readonly namespace: string }[] = [];
  const watchers = new Set<Watcher>();
  const requests: FakeRequest[] = [];
  const faults: (FakeAnswer | 'hang' | 'pass')[] = [];
  let version = 1;
  let compactedTo = 0;
  let connections = 0;
  let handler: (request: FakeRequest) => FakeAnswer = () => ({ status: 404, body: '404 page not found' });
  const options = { streamingLists: true, mute: false };

  function publish(type: string, object: Stored): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    const { namespace } = object.metadata;
    history.push({ version: Number(object.metadata.resourceVersion), line, namespace });
    for (const watcher of watchers) {
      if (isIn(watcher.namespace, namespace) && !options.mute) {
        watcher.response.write(line);
      }
    }
  }

  function list(request: FakeRequest, response: ServerResponse): void {
    const namespace = namespaceOf(request);
    const all = [...objects.values()]
      .filter((object) => isIn(namespace, object.metadata.namespace))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const limit = Number(request.query.get('limit') ?? '500');
    const [takenAt = version, after = ''] = (request.query.get('continue') ?? '')
      .split('|')
      .filter((part) => part !== '');
    if (Number(takenAt) < compactedTo) {
      answer(response, status(410, 'Expired'));
      return;
    }
    const page = all.filter((object) => keyOf(object) > after);
    const items = page.slice(0, limit);
    const last = items.at(-1);
    const more = page.length > limit && last !== undefined ? `${takenAt}|${keyOf(last)}` : undefined;
    const metadata = { resourceVersion: String(takenAt), ...(more === undefined ? {} : { continue: more }) };
    answer(response, { status: 200, body: JSON.stringify({ metadata, items: items.length === 0 ? null : items }) });
  }

  function watch(request: FakeRequest, response: ServerResponse): void {
    const isList = request.query.get('sendInitialEvents') === 'true';
    const from = Number(request.query.get('resourceVersion') || '0');
    const namespace = namespaceOf(request);
    if (isList && !options.streamingLists) {
      answer(response, status(422, 'Invalid'));
    } else if (!isList && from < compactedTo) {
      answer(response, status(410, 'Expired'));
    } else {
      open(response, namespace, isList ? initialLines(namespace) : linesAfter(from, namespace));
    }
  }

  function open(response: ServerResponse, namespace: string, lines: readonly string[]): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watcher = { response, namespace };
    watchers.add(watcher);
    response.on('close', () => watchers.delete(watcher));
    for (const line of options.mute ? [] : lines) {
      response.write(line);
    }
  }

  function initialLines(namespace: string): string[] {
    const lines = [...objects.values()]
      .filter((object) => isIn(namespace, object.metadata.namespace))
      .map((object) => `${JSON.stringify({ type: 'ADDED', object })}\n`);
    return [...lines, bookmarkLine(version, { 'k8s.io/initial-events-end': 'true' })];
  }

  function linesAfter(from: number, namespace: string): string[] {
    return history
      .filter((event) => event.version > from && isIn(namespace, event.namespace))
      .map((event) => event.line);
  }

  function dispatch(request: FakeRequest, response: ServerResponse): void {
    requests.push(request);
    const fault = faults.shift();
    if (fault === 'hang') {
      return;
    }
    if (fault !== undefined && fault !== 'pass') {
      answer(response, fault);
    } else if (request.query.get('watch') === 'true') {
      watch(request, response);
    } else if (request.method === 'GET' && request.path.endsWith('/things')) {
      list(request, response);
    } else {
      answer(response, handler(request));
    }
  }

  const server = createServer((incoming, response) => {
    readRequest(incoming).then(
      (request) => dispatch(request, response),
      () => incoming.destroy(),
    );
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-kube-'));
  const kubeconfigPath = join(directory, 'kubeconfig');
  writeFileSync(kubeconfigPath, kubeconfigFor(url));

  return {
    get streamingLists() {
      return options.streamingLists;
    },
    set streamingLists(value) {
      options.streamingLists = value;
    },
    get mute() {
      return options.mute;
    },
    set mute(value) {
      options.mute = value;
    },
    url,
    kubeconfigPath,
    requests,
    get connections() {
      return connections;
    },
    get openWatches() {
      return watchers.size;
    },
    failNext: (fault: FakeAnswer) => faults.push(fault),
    passNext: () => faults.push('pass'),
    hangNext: () => faults.push('hang'),
    onCall(given: typeof handler) {
      handler = given;
    },
    put(key: string, fields: object = {}) {
      version += 1;
      const [namespace = '', name = ''] = key.split('/');
      const object = { metadata: { namespace, name, resourceVersion: String(version) }, ...fields };
      const type = objects.has(key) ? 'MODIFIED' : 'ADDED';
      objects.set(key, object);
      publish(type, object);
    },
    remove(key: string) {
      const object = objects.get(key);
      if (object !== undefined) {
        version += 1;
        objects.delete(key);
        publish('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
      }
    },
    compact() {
      version += 1;
      compactedTo = version;
      history.length = 0;
    },
    bookmark: () => writeAll(watchers, bookmarkLine(version, {})),
    writeRaw: (text: string) => writeAll(watchers, text),
    repeatLast: () => writeAll(watchers, history.at(-1)?.line ?? ''),
    endWatches() {
      for (const watcher of watchers) {
        watchers.delete(watcher);
        watcher.response.end();
      }
    },
    cutWatches() {
      for (const watcher of watchers) {
        watchers.delete(watcher);
        watcher.response.destroy();
      }
    },
    state: () => new Map([...objects].map(([key, object]) => [key, object.metadata.resourceVersion])),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true });
    },
  };
}

export function status(code: number, reason: string, more: object = {}): FakeAnswer {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message: reason, ...more };
  return { status: code, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

function answer(response: ServerResponse, { status: code, body = '', headers = {} }: FakeAnswer): void {
  response.writeHead(code, headers);
  response.end(body);
}

function writeAll(watchers: ReadonlySet<Watcher>, text: string): void {
  for (const watcher of watchers) {
    watcher.response.write(text);
  }
}

function bookmarkLine(version: number, annotations: object): string {
  const object = { metadata: { resourceVersion: String(version), annotations } };
  return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
}

async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
  let body = '';
  incoming.setEncoding('utf8');
  for await (const chunk of incoming) {
    body += chunk;
  }
  const url = new URL(incoming.url ?? '/', 'http://fake');
  return {
    method: incoming.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body,
  };
}

function keyOf(object: Stored): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}

function namespaceOf(request: FakeRequest): string {
  return /\/namespaces\/([^/]+)\//.exec(request.path)?.[1] ?? '';
}

function isIn(wanted: string, namespace: string): boolean {
  return wanted === '' || wanted === namespace;
}

function kubeconfigFor(url: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fake', cluster: { server: url } }],
    users: [{ name: 'fake', user: { token: 'not-a-real-token' } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    'current-context': 'fake',
  });
}
