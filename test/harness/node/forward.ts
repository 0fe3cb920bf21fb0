/** Lets a machine and its pods reach a server that listens on this host's loopback alone. */

import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';

export interface Forward {
  readonly port: number;
  stop(): Promise<void>;
}

/** Listens at `address`, on `port` or else on a free one, and passes each connection on to `targetPort` of loopback. */
export async function forwardTo(targetPort: number, address: string, port = 0): Promise<Forward> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = dial({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [
      [keep(client), target],
      [keep(target), client],
    ] as const) {
      from.pipe(to);
      // A connection that breaks on one side is broken on the other.
      from.once('error', () => to.destroy());
      from.once('close', () => to.destroy());
    }
  });
  server.listen(port, address);
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return {
    port: bound.port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
