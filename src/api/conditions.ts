/** `status.conditions[]`, the same shape on every kind. */

import * as Type from 'typebox';
import type { Immutable } from './immutable.ts';
import { text, timestamp } from './kubernetes-patterns.ts';

const conditionBody = {
  status: text('True, False or Unknown.'),
  reason: Type.Optional(text('One word for programs.')),
  message: Type.Optional(text('What happened and what to do about it.')),
  lastTransitionTime: Type.Optional(timestamp('When status last changed its value.')),
};

/** Those that stand beside Ready, on objects that ask for what they tell of. */
export const EXTRA_CONDITIONS = ['RolloutHeld', 'SafeToRevokePrevious'] as const;

export const externalSecretConditionSchema = Type.Object({
  type: Type.Enum(['Ready', 'Deleted', ...EXTRA_CONDITIONS], {
    type: 'string',
    description:
      'Ready tells whether the target is up to date. RolloutHeld, where it is True, says why workloads do not get a new ' +
      'version (annotation keyturn.dev/rollout). SafeToRevokePrevious is True when no running pod holds an earlier version ' +
      '(annotation keyturn.dev/consumption). Deleted is reserved and never set.',
  }),
  ...conditionBody,
});

export const storeConditionSchema = Type.Object({
  type: text('Ready tells whether the store can be used.'),
  ...conditionBody,
});

export type Condition = Immutable<Type.Static<typeof storeConditionSchema>>;
