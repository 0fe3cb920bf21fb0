/** Ports on loopback that nobody uses: none is fixed, so that two runs fit beside each other. */

import { once } from 'node:events';
import { createServer } from 'node:net';

const ATTEMPTS = 5;

/** Somebody else took the port between choosing and binding it. */
export class PortTaken extends Error {
  constructor(port: number) {
    super(`port ${port} was taken by another process`);
    this.name = 'PortTaken';
  }
}

/** Free at this moment; another process may take it before you do: see {@link onFreePort}. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return address.port;
}

/** Calls `start` with a free port, and again with another one when it throws {@link PortTaken}. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (!(error instanceof PortTaken) || attempt === ATTEMPTS) {
        throw error;
      }
    }
  }
}
