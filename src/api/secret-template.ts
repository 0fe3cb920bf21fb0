/** `spec.target.template`: what the Secret is made to look like. */

import * as Type from 'typebox';
import type { Immutable } from './immutable.ts';
import { choice, resourceName, secretKey, stringMap, text, texts } from './kubernetes-patterns.ts';

function templateSource(description: string) {
  return Type.Object(
    {
      name: resourceName('Name of the object, in the namespace of the ExternalSecret.'),
      items: Type.Array(
        Type.Object({
          key: secretKey('Key that holds the template.'),
          templateAs: Type.Optional(
            choice(
              ['Values', 'KeysAndValues'],
              'Values (the default): what is rendered becomes the value of this key. KeysAndValues: it is read as a ' +
                'YAML map of keys and values.',
              'Values',
            ),
          ),
        }),
        { description: 'Keys of that object to render.' },
      ),
    },
    { description },
  );
}

const templateFromSchema = Type.Object({
  configMap: Type.Optional(templateSource('Templates in a ConfigMap.')),
  secret: Type.Optional(templateSource('Templates in a Secret.')),
  literal: Type.Optional(text('A template that renders to a YAML map of keys and values.')),
  target: Type.Optional(
    Type.String({
      description:
        'Where the result goes: Data (the default), Annotations or Labels of the Secret. Upper and lower case count alike.',
      default: 'Data',
    }),
  ),
  valuesDecodingStrategy: Type.Optional(
    choice(
      ['Auto', 'Base64', 'Base64URL', 'None'],
      'How rendered values are decoded; keys are left as they are. Absent means None.',
    ),
  ),
});

const templateMetadataSchema = Type.Object(
  {
    labels: Type.Optional(stringMap('Labels; values are templates.')),
    annotations: Type.Optional(stringMap('Annotations; values are templates.')),
    finalizers: Type.Optional(texts('Finalizers to add.')),
  },
  { description: 'Metadata of the Secret, instead of the labels and annotations of the ExternalSecret.' },
);

export const secretTemplateSchema = Type.Object(
  {
    type: Type.Optional(text('Type of the Secret, such as kubernetes.io/tls. Absent means Opaque.')),
    engineVersion: Type.Optional(choice(['v2'], 'Version of the template language; there is only v2.', 'v2')),
    metadata: Type.Optional(templateMetadataSchema),
    mergePolicy: Type.Optional(
      choice(
        ['Replace', 'Merge'],
        'Whether the fetched keys are left out (Replace, the default) or kept (Merge) beside what the templates give.',
        'Replace',
      ),
    ),
    data: Type.Optional(stringMap('Keys of the Secret and the templates of their values.')),
    templateFrom: Type.Optional(
      Type.Array(templateFromSchema, { description: 'Templates kept elsewhere; later ones win, data wins over all.' }),
    ),
  },
  { description: 'How the Secret is built from the fetched values. Absent means that they are stored as they are.' },
);

/** Absent `engineVersion` means v2, absent `mergePolicy` means Replace. */
export type SecretTemplate = Immutable<Type.Static<typeof secretTemplateSchema>>;
/** Absent `target` means Data, absent `templateAs` means Values. */
export type TemplateFrom = Immutable<Type.Static<typeof templateFromSchema>>;
