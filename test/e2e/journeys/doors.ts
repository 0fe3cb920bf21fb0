/** The connections from and to the operator's pod that a NetworkPolicy may allow, each with somebody behind it who answers. */

import { at } from '../../integration/cluster-objects.ts';
import { OPERATOR_NAMESPACE } from '../installation.ts';
import { NODE } from '../pods.ts';
import { OPERATOR_IMAGE, type Stage } from '../stage.ts';

/** Link-local addresses of AWS, for which the node answers here. */
const [METADATA, POD_IDENTITY_AGENT] = ['169.254.169.254', '169.254.170.23'];
/** No rule of the chart has it, and nobody listens there. */
const OTHER_PORT = 9_999;

/** By what each is called. */
export type Doors = Readonly<Record<string, 'open' | 'shut'>>;

/** `[address, port]` */
type Place = readonly [string, number];
type Places = Readonly<Record<string, Place>>;

export interface TriedDoors {
  try(): Promise<Doors>;
  /** With all that stood behind them. */
  remove(): Promise<void>;
}

/** @param operator name of its pod */
export async function doorsOf(stage: Stage, operator: string): Promise<TriedDoors> {
  const namespace = await stage.namespace('doors');
  const status = await read(stage, `/api/v1/namespaces/${OPERATOR_NAMESPACE}/pods/${operator}`, 'status');
  const [pod, node] = [String(at(status, 'podIP')), String(at(status, 'hostIP'))];
  const api = String(at(await read(stage, '/api/v1/namespaces/default/services/kubernetes', 'spec'), 'clusterIP'));
  const { hostname, port } = new URL(stage.aws.url);
  const outwards: Places = {
    'to AWS': [hostname, Number(port)],
    'to the API server': [api, 443],
    'to DNS (TCP)': [node, 53],
    'to the agent of EKS Pod Identity': [POD_IDENTITY_AGENT, 80],
    'to the metadata of the instance': [METADATA, 80],
    'to the kubelet': [node, 10_250],
    'to another port of the node': [node, OTHER_PORT],
  };
  const inwards: Places = {
    'from another namespace to its metrics': [pod, 8_080],
    'from another namespace to its health': [pod, 8_082],
    'from another namespace to another port': [pod, OTHER_PORT],
  };
  await linkLocal(stage, 'add');
  const answered = ['to DNS (TCP)', 'to the agent of EKS Pod Identity', 'to the metadata of the instance'];
  const atNode = [...answered, 'to another port of the node'].map((door) => outwards[door]);
  await runApp(stage, namespace, 'answers', listenAt(atNode), { hostNetwork: true });
  await runApp(stage, namespace, 'visitor', 'setInterval(() => {}, 1e6)');
  const { name: visitor } = await stage.pods.ready(namespace, 'visitor');
  await stage.pods.ready(namespace, 'answers');
  // Beside the operator, in its container.
  const beside = stage.pods.javascript(OPERATOR_NAMESPACE, operator, listenAt([[pod, OTHER_PORT]]));
  return {
    try: async () => ({
      ...(await triedFrom(stage, OPERATOR_NAMESPACE, operator, outwards)),
      ...(await triedFrom(stage, namespace, visitor, inwards)),
    }),
    async remove() {
      await linkLocal(stage, 'delete');
      await stage.pods.javascript(OPERATOR_NAMESPACE, operator, askToEnd([pod, OTHER_PORT]));
      await beside;
    },
  };
}

async function read({ cluster }: Stage, path: string, field: string): Promise<unknown> {
  return at((await cluster.client.request('GET', path)).body, field);
}

async function linkLocal({ cluster }: Stage, change: 'add' | 'delete'): Promise<void> {
  for (const address of [METADATA, POD_IDENTITY_AGENT]) {
    await cluster.onNode('ip', 'address', change, `${address}/32`, 'dev', 'lo');
  }
}

/** A pod that runs JavaScript, by the operator's image. */
async function runApp({ cluster, installation }: Stage, namespace: string, app: string, script: string, more = {}) {
  const image = `${OPERATOR_IMAGE}:${installation.imageTag}`;
  const container = { name: app, image, imagePullPolicy: 'Never', command: [NODE, '-e', script] };
  const spec = {
    ...more,
    // It has nothing to finish.
    terminationGracePeriodSeconds: 0,
    // For ports below 1024.
    securityContext: { runAsUser: 0 },
    containers: [container],
  };
  const metadata = { name: app, namespace, labels: { app } };
  await cluster.client.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }));
}

/** Accepts connections, and ends when something is said on one. */
function listenAt(places: readonly (Place | undefined)[]): string {
  return `
    for (const [host, port] of ${JSON.stringify(places)}) {
      const server = require('node:net').createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => process.exit());
      });
      server.listen(port, host);
    }
  `;
}

function askToEnd([host, port]: Place): string {
  return `require('node:net').connect(${port}, '${host}').end('end')`;
}

async function triedFrom(stage: Stage, namespace: string, pod: string, places: Places): Promise<Doors> {
  const script = `
    const { connect } = require('node:net');
    const isOpen = ([host, port]) => new Promise((resolve) => {
      const socket = connect({ host, port, timeout: 2_000 });
      const answer = (open) => { socket.destroy(); resolve(open ? 'open' : 'shut'); };
      socket.once('connect', () => answer(true));
      socket.once('error', () => answer(false));
      socket.once('timeout', () => answer(false));
    });
    const places = Object.entries(${JSON.stringify(places)});
    Promise.all(places.map(async ([door, place]) => [door, await isOpen(place)]))
      .then((doors) => console.log(JSON.stringify(Object.fromEntries(doors))));
  `;
  return JSON.parse(await stage.pods.javascript(namespace, pod, script));
}
