/**
 * The stand-in's HTTP server: Secrets Manager (JSON 1.1) and STS (query protocol) with a latency on every call, and
 * the bench's own control path below `/_bench/`, which has none. It checks no signature.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AwsReply, type AwsRequest, type AwsRules, createOperations } from './operations.ts';
import { type BenchSecrets, createBenchSecrets } from './secrets.ts';
import { createTally, type Tally } from './tally.ts';

export interface StandInOptions {
  /** How many secrets there are besides the shared one. */
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
  readonly tally: Tally;
  readonly rules: AwsRules;
}

const CONTROL = '/_bench/';
const TARGET_PREFIX = 'secretsmanager.';

/** Listens on a free loopback port. */
export async function startStandIn(options: StandInOptions): Promise<StandInServer> {
  const state: State = {
    secrets: createBenchSecrets(options.secrets),
    tally: createTally(),
    rules: { denyBatch: options.denyBatch },
  };
  const operate = createOperations(state.secrets, state.tally, state.rules);
  const server = createServer((request, response) => {
    collect(request, (body) => {
      const url = new URL(request.url ?? '/', 'http://stand-in');
      if (url.pathname.startsWith(CONTROL)) {
        send(response, control(state, url));
        return;
      }
      const reply = operate(awsRequest(request, body), performance.now());
      setTimeout(send, options.latencyMs, response, reply);
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

function awsRequest(request: IncomingMessage, body: string): AwsRequest {
  const target = request.headers['x-amz-target'];
  if (typeof target !== 'string') {
    return { operation: new URLSearchParams(body).get('Action') ?? 'Unknown', input: {} };
  }
  const input: unknown = JSON.parse(body);
  const operation = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : target;
  return { operation, input: typeof input === 'object' && input !== null ? { ...input } : {} };
}

/** What the bench asks for: see stand-in-process.ts. */
function control({ secrets, tally, rules }: State, url: URL): AwsReply {
  const parameter = (name: string) => url.searchParams.get(name) ?? '';
  switch (url.pathname.slice(CONTROL.length)) {
    case 'counts':
      return ok(tally.counts);
    case 'distinct':
      return ok({ distinct: tally.distinctSince(Number(parameter('since'))) });
    case 'times':
      return ok({ times: tally.timesAnswered(parameter('name')) });
    case 'put': {
      const put = secrets.put(parameter('name'), Date.now());
      return put === undefined ? { ...ok({}), status: 404 } : ok({ version: put.version });
    }
    case 'batch':
      rules.denyBatch = parameter('allowed') === 'false';
      return ok({});
    default:
      return { ...ok({}), status: 404 };
  }
}

function ok(body: object): AwsReply {
  return { status: 200, contentType: 'application/json', body: JSON.stringify(body) };
}
