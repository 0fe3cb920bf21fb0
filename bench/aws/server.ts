/**
 * The stand-in's HTTP server: Secrets Manager (JSON 1.1), STS (query protocol) and SQS (JSON 1.0), all with a latency
 * on every call, and the bench's own control path below `/_bench/`, which has none. It checks no signature.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { systemClock } from '../../src/loop/system-clock.ts';
import { labelUpdatedEvent } from './label-event.ts';
import { type AwsReply, type AwsRequest, type AwsRules, createOperations } from './operations.ts';
import { type BenchQueue, createBenchQueue } from './queue.ts';
import { createQueueOperations } from './queue-operations.ts';
import { type BenchSecrets, createBenchSecrets } from './secrets.ts';
import { createTally, type Tally } from './tally.ts';

export interface StandInOptions {
  /** How many secrets there are besides those for single phases. */
  readonly secrets: number;
  readonly latencyMs: number;
  readonly denyBatch: boolean;
}

export interface StandInServer {
  readonly url: string;
  close(): Promise<void>;
}

interface State {
  readonly secrets: BenchSecrets;
  readonly queue: BenchQueue;
  readonly tally: Tally;
  readonly rules: AwsRules;
}

const CONTROL = '/_bench/';
const SECRETS_MANAGER = 'secretsmanager.';
const SQS = 'AmazonSQS.';

/** Listens on a free loopback port. */
export async function startStandIn(options: StandInOptions): Promise<StandInServer> {
  const state: State = {
    secrets: createBenchSecrets(options.secrets),
    queue: createBenchQueue(systemClock),
    tally: createTally(),
    rules: { denyBatch: options.denyBatch },
  };
  const answer = answerer(state);
  const server = createServer((request, response) => {
    collect(request, (body) => {
      const url = new URL(request.url ?? '/', 'http://stand-in');
      if (url.pathname.startsWith(CONTROL)) {
        send(response, control(state, url, body));
        return;
      }
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      void answer(request, body, gone.signal).then((reply) => setTimeout(send, options.latencyMs, response, reply));
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Answer = (request: IncomingMessage, body: string, gone: AbortSignal) => Promise<AwsReply>;

function answerer({ secrets, queue, tally, rules }: State): Answer {
  const operate = createOperations(secrets, tally, rules);
  const operateQueue = createQueueOperations(queue, tally);
  return async (request, body, gone) => {
    const target = String(request.headers['x-amz-target'] ?? '');
    const asked = awsRequest(request, target, body);
    return target.startsWith(SQS) ? await operateQueue(asked, gone) : operate(asked, performance.now());
  };
}

function collect(request: IncomingMessage, done: (body: string) => void): void {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => {
    body += String(chunk);
  });
  request.on('end', () => done(body));
}

function send(response: ServerResponse, { status, contentType, body }: AwsReply): void {
  response.writeHead(status, { 'content-type': contentType, 'x-amzn-requestid': crypto.randomUUID() });
  response.end(body);
}

function awsRequest(request: IncomingMessage, target: string, body: string): AwsRequest {
  const caller = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? 'unsigned';
  if (target === '') return { operation: new URLSearchParams(body).get('Action') ?? 'Unknown', input: {}, caller };
  const input: unknown = JSON.parse(body);
  const prefix = [SECRETS_MANAGER, SQS].find((each) => target.startsWith(each)) ?? '';
  return {
    operation: target.slice(prefix.length),
    input: typeof input === 'object' && input !== null ? { ...input } : {},
    caller,
  };
}

/** What the bench asks for: see stand-in-process.ts. */
function control(state: State, url: URL, body: string): AwsReply {
  const { queue, tally, rules } = state;
  const parameter = (name: string) => url.searchParams.get(name) ?? '';
  switch (url.pathname.slice(CONTROL.length)) {
    case 'counts':
      return ok(tally.counts(url.searchParams.get('caller') ?? undefined));
    case 'distinct':
      return ok({ distinct: tally.distinctSince(Number(parameter('since'))) });
    case 'times':
      return ok({ times: tally.timesAnswered(parameter('name')) });
    case 'rotate':
      return rotate(state, body, parameter('tell') === 'true');
    case 'queue':
      return ok(queue.counts);
    case 'batch':
      rules.denyBatch = parameter('allowed') === 'false';
      return ok({});
    default:
      return notFound();
  }
}

/** @param body a JSON list of names */
function rotate({ secrets, queue, tally }: State, body: string, tell: boolean): AwsReply {
  const names: unknown = JSON.parse(body);
  const nowMs = Date.now();
  const rotated = (Array.isArray(names) ? names : []).map((name) => secrets.put(String(name), nowMs));
  if (rotated.includes(undefined)) return notFound();
  const known = rotated.filter((secret) => secret !== undefined);
  for (const secret of tell ? known : []) {
    tally.messageSent(secret.name);
    queue.send(labelUpdatedEvent(secret, nowMs), () => tally.messageReceived(secret.name));
  }
  return ok({ rotated: known.length });
}

function ok(body: object): AwsReply {
  return { status: 200, contentType: 'application/json', body: JSON.stringify(body) };
}

function notFound(): AwsReply {
  return { ...ok({}), status: 404 };
}
