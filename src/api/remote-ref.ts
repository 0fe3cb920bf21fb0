/** Which value of which secret: `data[].remoteRef` and `dataFrom[].extract`. */

import * as Type from 'typebox';
import type { Immutable } from './immutable.ts';
import { choice, text } from './kubernetes-patterns.ts';

/*
 * None of the strategies below has a CRD default: defaults that the API server writes into array items
 * make GitOps tools see a difference for ever. Readers take the first-named meaning when a field is absent.
 */

export const conversionStrategy = choice(
  ['Default', 'Unicode'],
  'How characters that a Secret key may not have are replaced: Default puts "_", Unicode puts "_U<hex code>_". ' +
    'Not applied when rewrite is set. Absent means Default.',
);

export const decodingStrategy = choice(
  ['Auto', 'Base64', 'Base64URL', 'None'],
  'How a value is decoded before it is stored. Auto tries both encodings and keeps what neither accepts. ' +
    'Absent means None.',
);

export const nullBytePolicy = choice(
  ['Ignore', 'Fail'],
  'Whether a NUL byte in the decoded value is accepted (Ignore) or fails the sync (Fail). Absent means Ignore.',
);

export function remoteRef(description: string) {
  return Type.Object(
    {
      key: text('Name or ARN of the secret at the provider.'),
      property: Type.Optional(
        text('Path of one property inside a secret whose value is JSON. Absent means the whole.'),
      ),
      version: Type.Optional(
        text(
          'Version to read: a staging label, or "uuid/" followed by a version id. Absent means the label AWSCURRENT.',
        ),
      ),
      metadataPolicy: Type.Optional(
        choice(
          ['None', 'Fetch'],
          "What is read: the secret's value (None) or its tags as JSON (Fetch). Absent means None.",
        ),
      ),
      conversionStrategy: Type.Optional(conversionStrategy),
      decodingStrategy: Type.Optional(decodingStrategy),
      nullBytePolicy: Type.Optional(nullBytePolicy),
    },
    { description },
  );
}

/** An absent policy or strategy means None, Default, None and Ignore, in the order of the fields. */
export type RemoteRef = Immutable<Type.Static<ReturnType<typeof remoteRef>>>;
