/** From jobs to the request that goes to the thread, and from its reply to what was rendered. */

import { InvalidSecretContent, InvalidSpec } from '../ports/errors.ts';
import type { Rendered, RenderJobs } from '../ports/renderer.ts';
import { SecretValue } from '../ports/secret-value.ts';
import { packBytes, unpackBytes } from './packed-bytes.ts';
import type { RenderReply, RenderRequest } from './thread-messages.ts';

export function requestOf({ templates, data }: RenderJobs): RenderRequest {
  const parts = [...data.values(), ...templates.map(({ source }) => source)];
  return {
    templates: templates.map(({ name, field, isSecret, as }) => ({ name, field, isSecret, as })),
    keys: [...data.keys()],
    packed: packBytes(parts.map((part) => part.revealBytes())),
  };
}

/** @throws InvalidSpec, InvalidSecretContent */
export function renderedOf(reply: RenderReply): readonly Rendered[] {
  if (reply.kind === 'failed') {
    throw reply.when === 'parse' ? new InvalidSpec(reply.message) : new InvalidSecretContent(reply.message);
  }
  const values = unpackBytes(reply.packed).map((bytes) => SecretValue.fromBytes(bytes));
  let next = 0;
  const take = (): SecretValue => values[next++] ?? SecretValue.fromText('');
  return reply.results.map(({ keys }) =>
    keys === undefined
      ? { kind: 'value', value: take() }
      : { kind: 'map', values: new Map(keys.map((key) => [key, take()])) },
  );
}
