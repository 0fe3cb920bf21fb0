/** What runs in the thread: serves one request after the other. */

import { parentPort, workerData } from 'node:worker_threads';
import { serveRequest } from './render-request.ts';
import { isRequest, isThreadData, READY } from './thread-messages.ts';

const port = parentPort;
const data: unknown = workerData;
if (port === null || !isThreadData(data)) throw new Error('this file is run as a thread of the renderer');

port.on('message', (message: unknown) => {
  if (!isRequest(message)) throw new Error('the renderer sent what is no request');
  const reply = serveRequest(message, (index) => Atomics.store(data.progress, 0, index));
  port.postMessage(reply, reply.kind === 'rendered' ? [reply.packed.buffer] : []);
});
port.postMessage(READY);
