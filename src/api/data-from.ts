/** `dataFrom[]`: entries that bring many keys at once, and how those keys are renamed. */

import * as Type from 'typebox';
import type { Immutable } from './immutable.ts';
import { choice, stringMap, text, texts } from './kubernetes-patterns.ts';
import { conversionStrategy, decodingStrategy, nullBytePolicy, remoteRef } from './remote-ref.ts';
import { dataFromSourceRefSchema } from './source-ref.ts';

const findSchema = Type.Object(
  {
    path: Type.Optional(text('Only secrets whose name begins with this.')),
    name: Type.Optional(
      Type.Object(
        {
          regexp: Type.Optional(text('RE2 expression that has to match somewhere in the name; anchor it to be exact.')),
        },
        { description: 'Selects by name.' },
      ),
    ),
    tags: Type.Optional(stringMap('Selects by tags, all of which have to be there.')),
    conversionStrategy: Type.Optional(conversionStrategy),
    decodingStrategy: Type.Optional(decodingStrategy),
    nullBytePolicy: Type.Optional(nullBytePolicy),
  },
  { description: 'Reads every secret that matches; each becomes one key, named like the secret. Needs name or tags.' },
);

const rewriteMergeSchema = Type.Object(
  {
    into: Type.Optional(
      Type.String({ description: 'Key that receives the merged JSON. Needed by strategy JSON.', default: '' }),
    ),
    priority: Type.Optional(texts('Keys to merge last, in this order; the later one wins.')),
    priorityPolicy: Type.Optional(
      choice(
        ['IgnoreNotFound', 'Strict'],
        'What a missing priority key does: fail (Strict, the default) or nothing (IgnoreNotFound).',
        'Strict',
      ),
    ),
    conflictPolicy: Type.Optional(
      choice(
        ['Ignore', 'Error'],
        'What happens when two inputs hold the same key: fail (Error, the default), or the later one wins (Ignore).',
        'Error',
      ),
    ),
    strategy: Type.Optional(
      choice(
        ['Extract', 'JSON'],
        'Extract (the default) lifts the inner keys up; JSON keeps the inputs and writes the merged object to into.',
        'Extract',
      ),
    ),
  },
  { description: 'Merges the JSON objects of all keys into one.' },
);

const rewriteSchema = Type.Object(
  {
    merge: Type.Optional(rewriteMergeSchema),
    regexp: Type.Optional(
      Type.Object(
        {
          source: text('RE2 expression to look for.'),
          target: text(
            'Replacement for each match, in the syntax of Go: a group is $ and its number or name in braces.',
          ),
        },
        { description: 'Renames keys by a regular expression. Keys without a match keep their name.' },
      ),
    ),
    transform: Type.Optional(
      Type.Object(
        { template: text('Template that gives the new key; .value is the old one.') },
        { description: 'Renames keys by a template.' },
      ),
    ),
  },
  { description: 'One step of renaming.', minProperties: 1, maxProperties: 1 },
);

export const dataFromSchema = Type.Object(
  {
    extract: Type.Optional(remoteRef('Takes every top-level key of one secret whose value is a JSON object.')),
    find: Type.Optional(findSchema),
    rewrite: Type.Optional(
      Type.Array(rewriteSchema, { description: 'Steps that rename the keys, one after another.' }),
    ),
    sourceRef: Type.Optional(dataFromSourceRefSchema),
  },
  { description: 'One of extract, find, or a generator in sourceRef.' },
);

export type DataFrom = Immutable<Type.Static<typeof dataFromSchema>>;
export type Find = Immutable<Type.Static<typeof findSchema>>;
/** Exactly one of its fields is there. */
export type Rewrite = Immutable<Type.Static<typeof rewriteSchema>>;
