/** One request and its reply on their way through the fault proxy, streamed both ways. */

import { type Agent as HttpAgent, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import { type Agent as HttpsAgent, request as requestHttps } from 'node:https';

export interface Upstream {
  readonly url: URL;
  readonly ca: string | Buffer | undefined;
  readonly agent: HttpAgent | HttpsAgent;
}

/** What happens to the reply. */
export type ReplyMode =
  | { readonly kind: 'whole' }
  | { readonly kind: 'lose' }
  /** Without a number, in the middle. */
  | { readonly kind: 'cut'; readonly afterBytes: number | undefined };

export interface Exchange {
  /** Breaks the client's connection. */
  drop(): void;
  /** Stops delivering, and says nothing. */
  freeze(): void;
  thaw(): void;
}

const BETWEEN_TWO_PEERS = new Set(['connection', 'keep-alive', 'proxy-connection', 'upgrade']);

export function forward(
  upstream: Upstream,
  incoming: IncomingMessage,
  reply: ServerResponse,
  mode: ReplyMode,
): Exchange {
  const outgoing = startRequest(upstream, incoming);
  let response: IncomingMessage | undefined;
  let frozen = false;
  const drop = () => void incoming.socket.destroy();
  const breakUnlessFrozen = () => {
    if (!frozen) {
      drop();
    }
  };
  const deliver = (arrived: IncomingMessage) => {
    if (!reply.headersSent) {
      reply.writeHead(arrived.statusCode ?? 502, endToEnd(arrived.rawHeaders));
      reply.flushHeaders();
    }
    arrived.pipe(reply);
  };
  outgoing.on('response', (arrived) => {
    response = arrived;
    // An upstream that breaks off breaks the client off as well.
    arrived.on('error', breakUnlessFrozen);
    arrived.on('close', () => arrived.complete || breakUnlessFrozen());
    if (mode.kind === 'lose') {
      drop();
    } else if (mode.kind === 'cut') {
      // An upstream that breaks off before is a cut as well.
      void cut(arrived, reply, mode.afterBytes).then(drop, drop);
    } else if (!frozen) {
      deliver(arrived);
    }
  });
  outgoing.on('error', breakUnlessFrozen);
  incoming.on('error', () => outgoing.destroy());
  incoming.pipe(outgoing);
  reply.on('error', () => undefined);
  reply.on('close', () => outgoing.destroy());

  return {
    drop,
    freeze() {
      frozen = true;
      response?.unpipe(reply);
      response?.pause();
    },
    thaw() {
      if (frozen) {
        frozen = false;
        response === undefined ? undefined : deliver(response);
      }
    },
  };
}

function startRequest({ url, ca, agent }: Upstream, incoming: IncomingMessage) {
  const options = {
    agent,
    hostname: url.hostname,
    port: url.port,
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: endToEnd(incoming.rawHeaders),
  };
  return url.protocol === 'https:'
    ? requestHttps({ ...options, ...(ca === undefined ? {} : { ca }) })
    : requestHttp(options);
}

/** Raw headers, name and value in turn, without those that concern one connection only. */
function endToEnd(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => !BETWEEN_TWO_PEERS.has((rawHeaders[index - (index % 2)] ?? '').toLowerCase()));
}

async function cut(arrived: IncomingMessage, reply: ServerResponse, afterBytes: number | undefined): Promise<void> {
  reply.writeHead(arrived.statusCode ?? 502, endToEnd(arrived.rawHeaders));
  let allowed = afterBytes ?? Number.POSITIVE_INFINITY;
  const kept: Buffer[] = [];
  for await (const chunk of arrived) {
    const piece = Buffer.from(chunk).subarray(0, allowed);
    allowed -= piece.length;
    if (afterBytes === undefined) {
      kept.push(piece);
    } else {
      await written(reply, piece);
    }
    if (allowed === 0) {
      return;
    }
  }
  const whole = Buffer.concat(kept);
  await written(reply, whole.subarray(0, Math.ceil(whole.length / 2)));
}

/** The kernel has it, so that breaking the connection does not take it back. */
function written(reply: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve) => reply.write(piece, () => resolve()));
}
