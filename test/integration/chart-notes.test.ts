/** What Helm says after an install: the next steps, and what of the values has to be known. */

import { expect, it } from 'vitest';
import { runHelm } from '../harness/helm.ts';
import { CHART } from './chart-world.ts';
import type { Json } from './cluster-objects.ts';

async function notes(values: Json): Promise<string> {
  const args = ['install', 'keyturn', CHART, '--namespace', 'secrets', '--dry-run=client'];
  const { exitCode, stdout, stderr } = await runHelm([...args, '--values', '-'], { input: JSON.stringify(values) });
  expect({ exitCode, stderr: stderr.replace(/^level=.*\n/gm, '') }).toEqual({ exitCode: 0, stderr: '' });
  return stdout.slice(stdout.indexOf('\nNOTES:'));
}

const ROLE = 'arn:aws:iam::123456789012:role/keyturn';
const ROLE_ANNOTATION = { 'eks.amazonaws.com/role-arn': ROLE };

/** Values, what is said of them, and what is not. */
const SAID: Readonly<Record<string, readonly [Json, RegExp, RegExp]>> = {
  'how to see it run': [{}, /kubectl rollout status deployment keyturn -n secrets/, /not this release's/],
  'where credentials of its own may come from': [
    {},
    /ClusterSecretStores without `auth` need AWS credentials of the operator's own: .*secrets\/keyturn/s,
    /read as/,
  ],
  'as whom it reads': [
    { serviceAccount: { annotations: ROLE_ANNOTATION } },
    new RegExp(`ClusterSecretStores without \`auth\` read as ${ROLE}`),
    /need AWS credentials/,
  ],
  'nothing of credentials that no store is lent': [
    { scopedNamespace: 'shop', serviceAccount: { annotations: ROLE_ANNOTATION } },
    /Keyturn \S+ serves shop\./,
    /without `auth`/,
  ],
  'how rotations arrive sooner': [{}, /With rotationQueueUrl they arrive in about a second/, /genericTargets/],
  'nothing of that where they do': [
    { rotationQueueUrl: 'https://sqs.test/q' },
    /serves all namespaces/,
    /rotationQueueUrl/,
  ],
  'whose definitions are used': [
    { installCRDs: false },
    /external-secrets.io are not this release's/,
    /genericTargets/,
  ],
  'that a webhook may convert them, where whoever installs it may not look': [
    { installCRDs: false, scopedNamespace: 'shop' },
    /Where a webhook converts between versions of them, they cannot be read while it does not answer/,
    /genericTargets/,
  ],
  'that generic targets have no rights': [
    { genericTargets: { enabled: true } },
    /genericTargets.resources is empty, so that the operator may write Secrets only/,
    /not this release's/,
  ],
  'what an uninstall leaves': [
    {},
    /`helm uninstall keyturn -n secrets` leaves the CustomResourceDefinitions/,
    /genericTargets/,
  ],
};

it.each(Object.entries(SAID))('%s', async (_, [values, said, unsaid]) => {
  const text = await notes(values);
  expect(text).toMatch(said);
  expect(text).not.toMatch(unsaid);
});
