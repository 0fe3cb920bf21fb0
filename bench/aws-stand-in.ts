/**
 * The bench's AWS as a process of its own, so that its CPU time can be told apart:
 *
 *     node bench/aws-stand-in.ts [--secrets 2000] [--latency-ms 15] [--deny-batch]
 *
 * It says where it listens and runs until it is killed.
 */

import { parseArgs } from 'node:util';
import { startStandIn } from './aws/server.ts';

const { values } = parseArgs({
  options: {
    secrets: { type: 'string', default: '2000' },
    'latency-ms': { type: 'string', default: '15' },
    'deny-batch': { type: 'boolean', default: false },
  },
});
const server = await startStandIn({
  secrets: Number(values.secrets),
  latencyMs: Number(values['latency-ms']),
  denyBatch: values['deny-batch'],
});
process.stdout.write(`listening at ${server.url}\n`);
