/** ExternalSecret: which remote values make which Secret. */

import * as Type from 'typebox';
import { externalSecretConditionSchema } from './conditions.ts';
import { dataFromSchema } from './data-from.ts';
import type { Immutable } from './immutable.ts';
import { choice, flag, goDuration, resourceName, secretKey, text, timestamp } from './kubernetes-patterns.ts';
import type { NamespacedObjectMeta } from './object-meta.ts';
import { remoteRef } from './remote-ref.ts';
import { secretTemplateSchema } from './secret-template.ts';
import { dataSourceRefSchema, storeRef } from './source-ref.ts';
import { syncWindowsSchema } from './sync-windows.ts';

const dataSchema = Type.Object(
  {
    secretKey: secretKey('Key in the Secret.'),
    remoteRef: remoteRef('The value to put there.'),
    sourceRef: Type.Optional(dataSourceRefSchema),
  },
  { description: 'One key of the Secret and where its value comes from.' },
);

const manifestSchema = Type.Object(
  {
    apiVersion: Type.String({ description: 'API version of the object to write, such as v1.', minLength: 1 }),
    kind: Type.String({ description: 'Kind of the object to write, such as ConfigMap.', minLength: 1 }),
  },
  { description: 'Writes an object of another kind than Secret.' },
);

const targetSchema = Type.Object(
  {
    name: Type.Optional(resourceName('Name of the Secret. Absent means the name of the ExternalSecret.')),
    creationPolicy: Type.Optional(
      choice(
        ['Owner', 'Orphan', 'Merge', 'None', 'CreateOrMerge'],
        'Owner (the default) creates the Secret and lets it be deleted with the ExternalSecret. Orphan creates it ' +
          'without owning it. Merge only adds keys to a Secret that exists. CreateOrMerge creates it where it is ' +
          'missing and adds keys where it exists. None writes nothing.',
        'Owner',
      ),
    ),
    deletionPolicy: Type.Optional(
      choice(
        ['Delete', 'Merge', 'Retain'],
        'What happens when remote secrets are gone. Retain (the default) leaves the Secret as it is and reports an ' +
          'error. Merge removes the keys concerned. Delete removes the Secret once nothing is left of it.',
        'Retain',
      ),
    ),
    template: Type.Optional(secretTemplateSchema),
    manifest: Type.Optional(manifestSchema),
    immutable: Type.Optional(flag('Marks the Secret immutable: Kubernetes then refuses any later change of its data.')),
  },
  {
    description: 'The Secret to write.',
    default: { creationPolicy: 'Owner', deletionPolicy: 'Retain' },
  },
);

export function externalSecretSpec(description: string) {
  return Type.Object(
    {
      secretStoreRef: Type.Optional(storeRef('Store that entries without a sourceRef are read from.')),
      target: Type.Optional(targetSchema),
      refreshPolicy: Type.Optional(
        choice(
          ['CreatedOnce', 'Periodic', 'OnChange'],
          'When values are read again. Periodic: as often as refreshInterval says. OnChange: when this object changes. ' +
            'CreatedOnce: never after the first sync. Absent means Periodic.',
        ),
      ),
      refreshInterval: Type.Optional(
        goDuration(
          'How old the values may become before they are checked again, as a Go duration (units h, m, s, ms). ' +
            'Zero or less means that they are read once. Default 1h0m0s.',
          '1h0m0s',
        ),
      ),
      syncWindows: Type.Optional(syncWindowsSchema),
      data: Type.Optional(Type.Array(dataSchema, { description: 'Keys given one by one. They win over dataFrom.' })),
      dataFrom: Type.Optional(
        Type.Array(dataFromSchema, { description: 'Entries that bring many keys each. Later entries win.' }),
      ),
    },
    { description },
  );
}

export const externalSecretSpecSchema = externalSecretSpec('What is wanted.');

export const externalSecretStatusSchema = Type.Object(
  {
    refreshTime: Type.Optional(
      Type.Union([timestamp(''), Type.Null()], {
        description: 'When the values were last found, or made, to be up to date.',
      }),
    ),
    syncedResourceVersion: Type.Optional(text('Generation and metadata hash that the last sync was made for.')),
    conditions: Type.Optional(Type.Array(externalSecretConditionSchema, { description: 'Ready, with its reason.' })),
    binding: Type.Optional(
      Type.Object(
        { name: Type.Optional(Type.String({ description: 'Name of the Secret.', default: '' })) },
        { description: 'The Secret, for the Service Binding specification.', 'x-kubernetes-map-type': 'atomic' },
      ),
    ),
  },
  { description: 'What was found.' },
);

/**
 * Fields with a CRD default may still be absent, in an object that came through a laxer CRD than ours:
 * readers take the default that the description names.
 */
export type ExternalSecretSpec = Immutable<Type.Static<typeof externalSecretSpecSchema>>;
export type ExternalSecretStatus = Immutable<Type.Static<typeof externalSecretStatusSchema>>;
export type ExternalSecretData = Immutable<Type.Static<typeof dataSchema>>;
export type ExternalSecretTarget = Immutable<Type.Static<typeof targetSchema>>;

export interface ExternalSecret {
  readonly kind: 'ExternalSecret';
  readonly metadata: NamespacedObjectMeta;
  readonly spec: ExternalSecretSpec;
  readonly status?: ExternalSecretStatus;
}
