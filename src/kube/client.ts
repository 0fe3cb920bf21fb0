/** Typed calls to the Kubernetes API over HTTP/1.1: one request, one parsed answer or one named failure. */

import type { Dispatcher } from 'undici';
import { type Clock, sleep } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type Connection, type Credentials, createConnection } from './connection.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { type CallFailure, type CallTarget, networkReason, refused, unanswered, type Verb } from './errors.ts';
import { type KubeConfigSource, loadKubeConfig } from './kube-config.ts';
import type { ResourcePath } from './resource-path.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 1024 * 1024;

export interface KubeRequest extends CallTarget {
  readonly verb: Verb;
  readonly path: ResourcePath;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON. It may hold values: it is sent and never printed. */
  readonly body?: string;
  /** @default application/json; a patch names its own form */
  readonly contentType?: string;
  /** @default application/json */
  readonly accept?: string;
  /** Only whether it worked is of interest: what a success answers is not parsed. @default false */
  readonly ignoresAnswer?: boolean;
  /** Gives the text of a success as it came, for whoever must not lose a digit of it. @default false */
  readonly wantsText?: boolean;
  /** For the whole call with its repetition; for a stream until the headers have come. @default 10000 */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

export type CallResult = { readonly kind: 'ok'; readonly body: unknown } | CallFailure;

export interface OpenStream {
  readonly kind: 'open';
  /** Ends when the server ends it; throws when the connection breaks. */
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): void;
}

export interface KubeClient {
  /**
   * @returns the parsed answer
   * @throws ClusterConflict, ClusterNotFound, ClusterForbidden, ClusterRejected, ClusterUnavailable;
   * the signal's reason when it is aborted
   */
  request(request: KubeRequest): Promise<unknown>;
  /** The same with the failure as a value, for those who decide by HTTP status. Throws only when aborted. */
  call(request: KubeRequest): Promise<CallResult>;
  /** Opens a watch. Throws only when aborted. */
  stream(request: KubeRequest): Promise<OpenStream | CallFailure>;
  /** Cuts all connections. */
  close(): Promise<void>;
}

const METHODS: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
};

interface Answer {
  readonly result: CallResult | OpenStream;
  /** How long the server asks us to wait before the same call once more. */
  readonly retryAfterMs: number | undefined;
}

interface Context {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** @throws NoClusterConfig */
export function createKubeClient(
  options: KubeConfigSource & { readonly clock: Clock; readonly log: Log; readonly metrics: Metrics },
): KubeClient {
  const { clock, log, metrics } = options;
  const connection = createConnection({ config: loadKubeConfig(options), clock, log });
  const context: Context = { connection, clock, log, metrics };

  async function call(request: KubeRequest): Promise<CallResult> {
    const result = await callTwice(context, request, readAnswer);
    // `readAnswer` never gives a stream.
    return result.kind === 'open' ? unanswered(request, 'unexpected stream') : result;
  }

  return {
    call,
    async request(request) {
      const result = await call(request);
      if (result.kind === 'failed') {
        throw result.error;
      }
      return result.body;
    },
    async stream(request) {
      const result = await callTwice(context, request, openAnswer);
      return result.kind === 'ok' ? unanswered(request, 'no stream') : result;
    },
    close: () => connection.close(),
  };
}

type ReadSuccess = (
  request: KubeRequest,
  response: Dispatcher.ResponseData,
) => Promise<CallResult | OpenStream> | OpenStream;

/**
 * A call is repeated at most once: at once with new credentials after a 401, or after `Retry-After` where
 * the deadline allows it (the server says 429 or 503 before it has done anything).
 */
async function callTwice(
  context: Context,
  request: KubeRequest,
  readSuccess: ReadSuccess,
): Promise<CallResult | OpenStream> {
  const deadline = startDeadline(context.clock, request.timeoutMs ?? DEFAULT_TIMEOUT_MS, request.signal);
  try {
    const first = await attempt(context, request, deadline, readSuccess);
    if (first.retryAfterMs === undefined || first.retryAfterMs >= deadline.remainingMs) {
      return first.result;
    }
    await sleep(context.clock, first.retryAfterMs, deadline.signal);
    const second = await attempt(context, request, deadline, readSuccess);
    return second.result;
  } finally {
    // An open stream is ended by its reader or by the caller's signal, no longer by the deadline.
    deadline.end();
  }
}

async function attempt(
  context: Context,
  request: KubeRequest,
  deadline: Deadline,
  readSuccess: ReadSuccess,
): Promise<Answer> {
  const startedMs = context.clock.nowMs();
  let code = 'error';
  try {
    const response = await send(context.connection, request, deadline.signal);
    if (response.statusCode < 300) {
      const result = await readSuccess(request, response);
      code = String(response.statusCode);
      return { result, retryAfterMs: undefined };
    }
    const body = parseJson(await readBody(response, MAX_REFUSAL_BYTES));
    code = String(response.statusCode);
    if (response.statusCode === 401) {
      context.connection.expire();
    }
    return { result: refused(request, response.statusCode, body), retryAfterMs: retryDelayMs(response) };
  } catch (error) {
    code = deadline.passed ? 'timeout' : 'error';
    request.signal.throwIfAborted();
    return { result: unanswered(request, failureReason(error, request, deadline)), retryAfterMs: undefined };
  } finally {
    context.metrics.clusterCall(request.verb, request.path.resource, code, context.clock.nowMs() - startedMs);
  }
}

function failureReason(error: unknown, request: KubeRequest, deadline: Deadline): string {
  return deadline.passed ? `none within ${(request.timeoutMs ?? DEFAULT_TIMEOUT_MS) / 1_000} s` : networkReason(error);
}

async function send(
  connection: Connection,
  request: KubeRequest,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { headers, requests, streams } = await abortable(connection.credentials(), signal);
  const query = new URLSearchParams(request.query).toString();
  const isStream = request.verb === 'watch';
  return (isStream ? streams : requests).request({
    origin: connection.origin,
    path: `${connection.pathPrefix}${request.path.url}${query === '' ? '' : `?${query}`}`,
    method: METHODS[request.verb],
    headers: {
      ...headers,
      accept: request.accept ?? 'application/json',
      'user-agent': 'keyturn',
      ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
    },
    body: request.body ?? null,
    signal,
    // The deadline and the watchdog of the watch own the time.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** A credential plugin cannot be cancelled, but nobody has to wait for it. */
function abortable(credentials: Promise<Credentials>, signal: AbortSignal): Promise<Credentials> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new DOMException('aborted', 'AbortError'));
    if (signal.aborted) {
      onAbort();
    }
    signal.addEventListener('abort', onAbort, { once: true });
    credentials.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

async function readAnswer(request: KubeRequest, response: Dispatcher.ResponseData): Promise<CallResult> {
  const bytes = await readBody(response, MAX_ANSWER_BYTES);
  if (request.ignoresAnswer === true) return { kind: 'ok', body: undefined };
  if (request.wantsText === true) return { kind: 'ok', body: bytes.toString('utf8') };
  const body = parseJson(bytes);
  return body === undefined ? unanswered(request, 'not JSON') : { kind: 'ok', body };
}

function openAnswer(_request: KubeRequest, response: Dispatcher.ResponseData): OpenStream {
  return { kind: 'open', chunks: response.body, close: () => response.body.destroy() };
}

async function readBody(response: Dispatcher.ResponseData, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    if (!(chunk instanceof Uint8Array)) {
      continue;
    }
    size += chunk.byteLength;
    if (size > maxBytes) {
      response.body.destroy();
      throw Object.assign(new Error('answer too large'), { code: 'ANSWER_TOO_LARGE' });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** undefined for what is not JSON: the parser's error quotes the text, which may be a Secret's, so it goes nowhere. */
function parseJson(bytes: Buffer): unknown {
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'));
    return parsed ?? undefined;
  } catch {
    return undefined;
  }
}

/** `Retry-After` in seconds; 0 after a 401, whose credentials have just been forgotten. */
function retryDelayMs(response: Dispatcher.ResponseData): number | undefined {
  if (response.statusCode === 401) {
    return 0;
  }
  const header = response.headers['retry-after'];
  if (
    (response.statusCode !== 429 && response.statusCode < 500) ||
    typeof header !== 'string' ||
    !/^\d+$/.test(header)
  ) {
    return undefined;
  }
  return Number(header) * 1_000;
}
