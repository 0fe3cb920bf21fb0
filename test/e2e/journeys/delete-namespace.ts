import type { Stage } from '../stage.ts';
import { timed } from './journey.ts';

/** @returns how long it took, in ms @throws Error when it is stuck */
export async function deleteNamespace({ cluster }: Stage, namespace: string): Promise<number> {
  return await timed(async () => {
    const args = ['delete', 'namespace', namespace, '--timeout=60s'];
    const { exitCode, stderr } = await cluster.client.kubectl(args);
    if (exitCode !== 0) throw new Error(`namespace ${namespace} is stuck: ${stderr}`);
  });
}
