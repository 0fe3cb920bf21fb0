/** `npm run demo`: Keyturn at its main job on a real control plane and an AWS endpoint, on this machine. */

import { parseArgs } from 'node:util';
import { createScreen, type Screen } from '../screen.ts';
import { type Cleanup, type Stage, setStage } from './stage.ts';
import { tell } from './story.ts';

const HELP = `Usage: npm run demo -- [options]

  --once         end by itself; exit status 0 only if everything was seen to happen
  --show-values  print the values of the Secrets too, not only their keys
  --help         show this
`;

function readArguments(screen: Screen): { readonly once: boolean; readonly showValues: boolean } | undefined {
  const options = { once: { type: 'boolean' }, 'show-values': { type: 'boolean' }, help: { type: 'boolean' } } as const;
  try {
    const { values } = parseArgs({ options, strict: true });
    if (values.help !== true) return { once: values.once === true, showValues: values['show-values'] === true };
  } catch (error) {
    screen.line(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
  screen.line(HELP);
  return undefined;
}

function invite({ cluster, aws }: Stage, screen: Screen): void {
  screen.line(`
  Now it is yours, in another terminal:

    export KUBECONFIG=${cluster.adminKubeconfigPath}
    export AWS_ENDPOINT_URL=${aws.url} AWS_REGION=${aws.region}
    export AWS_ACCESS_KEY_ID=${aws.credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${aws.credentials.secretAccessKey}

    kubectl get externalsecret --watch
    kubectl edit secret database        # it is put right at once
    aws secretsmanager put-secret-value --secret-id demo/api-token --secret-string another

  Ctrl-C ends everything.`);
}

/** Aborted by the first Ctrl-C or SIGTERM; the second one ends the process at once. */
function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => (interrupted.signal.aborted ? process.exit(130) : interrupted.abort()));
  }
  return interrupted.signal;
}

async function play(screen: Screen, cleanup: Cleanup, once: boolean, showValues: boolean): Promise<void> {
  const interrupted = untilInterrupted();
  const stage = await setStage(screen, cleanup, interrupted);
  await tell(stage, screen, { showValues });
  if (once) return;
  invite(stage, screen);
  await new Promise((resolve) => interrupted.addEventListener('abort', resolve, { once: true }));
}

const screen = createScreen(process.stdout);
const wanted = readArguments(screen);
if (wanted !== undefined) {
  const cleanup: Cleanup = [];
  screen.line('Keyturn demo\n');
  try {
    await play(screen, cleanup, wanted.once, wanted.showValues);
  } catch (error) {
    screen.line(`\n  ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
  screen.line('');
  await screen.step('everything ended', async () => {
    for (const end of cleanup.toReversed()) await end();
  });
}
