/** SecretConsumption: which pods hold which version of a Secret. Written by the operator alone. */

import * as Type from 'typebox';
import type { Immutable } from './immutable.ts';
import { text, texts, timestamp } from './kubernetes-patterns.ts';
import type { NamespacedObjectMeta } from './object-meta.ts';

export const secretConsumptionSpecSchema = Type.Object({}, { description: 'Nothing is asked for here.' });

const versionSchema = Type.Object({
  version: text('Hash over the ARNs and version ids, as in the annotation keyturn.dev/version of the Secret.'),
  since: timestamp('When the Secret got it.'),
  isFirst: Type.Optional(Type.Boolean({ description: 'The Secret was made with it.' })),
  versionIds: Type.Optional(texts("AWS's ids of the versions that it is made of, as far as they are known.")),
  pods: Type.Integer({ description: 'Running pods that hold it.' }),
});

const podSchema = Type.Object({
  name: text('Name of the pod.'),
  workload: Type.Optional(text('What it belongs to, as Kind/name.')),
  version: text('What it holds; empty for one that is older than those that are known.'),
  uses: texts('How it uses the Secret: env, files, or start (subPath and storage plugins).'),
});

export const secretConsumptionStatusSchema = Type.Object(
  {
    secret: Type.Optional(text('Name of the Secret.')),
    version: Type.Optional(text('Hash of the version that it has.')),
    since: Type.Optional(timestamp('When it got that version.')),
    safeToRevokePrevious: Type.Optional(text('True when no running pod may hold an earlier version.')),
    current: Type.Optional(Type.Integer({ description: 'Running pods that hold the version that the Secret has.' })),
    earlier: Type.Optional(Type.Integer({ description: 'Running pods that may hold an earlier one.' })),
    starting: Type.Optional(Type.Integer({ description: 'Pods whose containers have not started yet.' })),
    versions: Type.Optional(
      Type.Array(versionSchema, { description: 'The versions that the Secret had, newest first; ten at most.' }),
    ),
    pods: Type.Optional(
      Type.Array(podSchema, {
        description: 'Pods and what they hold, those with earlier versions first; a hundred at most.',
      }),
    ),
  },
  { description: 'What was found, from when pods started and how they use the Secret.' },
);

export type SecretConsumptionStatus = Immutable<Type.Static<typeof secretConsumptionStatusSchema>>;

/** Its spec says nothing, and somebody may have made one without. */
export interface SecretConsumption {
  readonly kind: 'SecretConsumption';
  readonly metadata: NamespacedObjectMeta;
  readonly status?: SecretConsumptionStatus;
}
