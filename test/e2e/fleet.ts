/** Many ExternalSecrets of one namespace, each with a secret of its own, and everything that their Secrets ever held. */

import { type ManagedProcess, startProcess } from '../harness/managed-process.ts';
import { until } from '../harness/until.ts';
import { READ_ALL, type Stage } from './stage.ts';

const ARRIVED_WITHIN_MS = 90_000;
const LINE = '{.metadata.name} {.data.password}{"\\n"}';

export interface Fleet {
  /** Puts a new value into one secret after the other. */
  rotateOneByOne(): Promise<void>;
  /** Until all Secrets hold what was last put into their secrets. */
  arrived(): Promise<void>;
  /** How many do, of those whose secrets have rotated. */
  changed(): number;
  /** What each Secret was seen to hold, one after the other: values that were put, by their number from 0. */
  history(): ReadonlyMap<string, readonly number[]>;
  stop(): Promise<void>;
}

/** @returns when all Secrets are there */
export async function makeFleet(stage: Stage, prefix: string, size: number): Promise<Fleet> {
  const namespace = await stage.namespace(prefix);
  await stage.storeByAccount(namespace, [READ_ALL]);
  const members = await Promise.all(
    Array.from({ length: size }, (_, index) => enlist(stage, namespace, `app-${index}`)),
  );
  const seen = new Map<string, string[]>(members.map(({ name }) => [name, []]));
  const watch = await watchSecrets(stage, namespace, (name, value) => {
    const values = seen.get(name);
    // The watch tells of each change of the object; here it is the data that counts.
    if (values !== undefined && values.at(-1) !== value) values.push(value);
  });
  const put = async (member: Member) => {
    const password = stage.canary();
    member.values.push(password);
    await stage.putSecret({ password }, member.key);
  };
  const isCurrent = ({ name, values }: Member) => seen.get(name)?.at(-1) === values.at(-1);
  const changed = () => members.filter((member) => member.values.length > 1 && isCurrent(member)).length;
  const arrived = async () => {
    const current = () => members.filter(isCurrent).length;
    await until(`${size} Secrets to hold the last value`, current, ARRIVED_WITHIN_MS, (count) => count === size);
  };
  await arrived();
  return {
    arrived,
    changed,
    async rotateOneByOne() {
      for (const member of members) await put(member);
    },
    history: () =>
      new Map(members.map(({ name, values }) => [name, (seen.get(name) ?? []).map((each) => values.indexOf(each))])),
    stop: async () => void (await watch.kill()),
  };
}

interface Member {
  readonly name: string;
  /** Of the secret in AWS. */
  readonly key: string;
  /** Everything that was put into it, oldest first. */
  readonly values: string[];
}

async function enlist(stage: Stage, namespace: string, name: string): Promise<Member> {
  const password = stage.canary();
  const { name: key } = await stage.putSecret({ password });
  await stage.externalSecret(namespace, name, { dataFrom: [{ extract: { key } }] });
  return { name, key, values: [password] };
}

/** Of every Secret that is there, and of each change. */
async function watchSecrets(
  { cluster }: Stage,
  namespace: string,
  tell: (name: string, value: string) => void,
): Promise<ManagedProcess> {
  const { kubectlPath, adminKubeconfigPath, directory } = cluster.client.access;
  let rest = '';
  return await startProcess({
    name: 'kubectl get secrets --watch',
    command: kubectlPath,
    args: ['get', 'secrets', '-n', namespace, '--watch', '-o', `jsonpath=${LINE}`],
    env: { PATH: process.env['PATH'], HOME: directory, KUBECONFIG: adminKubeconfigPath },
    onStdout(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [name = '', base64 = ''] = line.split(' ');
        tell(name, Buffer.from(base64, 'base64').toString('utf8'));
      }
    },
  });
}

/** What must not be in a history: a value twice, an older one after a newer one, or one that was never put. */
export function wrongIn(history: ReadonlyMap<string, readonly number[]>): readonly string[] {
  return Array.from(history)
    .filter(([, values]) => values.some((value, index) => value <= (values[index - 1] ?? -1)))
    .map(([name, values]) => `${name} held ${values.join(', ')}`);
}
