/** Objects by their labels, as Kubernetes writes it. */

import * as Type from 'typebox';
import type { Immutable } from './immutable.ts';
import { stringMap, text } from './kubernetes-patterns.ts';

const ATOMIC_LIST = { 'x-kubernetes-list-type': 'atomic' };

export function labelSelector(description: string) {
  return Type.Object(
    {
      matchLabels: Type.Optional(stringMap('Labels that have to be there.')),
      matchExpressions: Type.Optional(
        Type.Array(
          Type.Object(
            {
              key: text('Label key.'),
              operator: text('In, NotIn, Exists or DoesNotExist.'),
              values: Type.Optional(
                Type.Array(Type.String(), { description: 'Values for In and NotIn, else none.', ...ATOMIC_LIST }),
              ),
            },
            { description: 'A condition on one label.' },
          ),
          { description: 'Conditions that all have to hold.', ...ATOMIC_LIST },
        ),
      ),
    },
    { description, 'x-kubernetes-map-type': 'atomic' },
  );
}

/** Selects what meets all of it, and everything where it is empty. */
export type LabelSelector = Immutable<Type.Static<ReturnType<typeof labelSelector>>>;
