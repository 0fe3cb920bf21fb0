/** From jobs to the request that goes to the child, and from its reply to what was rendered. */

import { InvalidSecretContent, InvalidSpec } from '../ports/errors.ts';
import type { Rendered, RenderJobs } from '../ports/renderer.ts';
import { SecretValue } from '../ports/secret-value.ts';
import type { Delimiters, RenderReply, RenderRequest } from './child-messages.ts';

/** A Secret holds 1 MiB: whoever gives a template so much more has made a mistake. */
const LARGEST_REQUEST_BYTES = 16 * 1024 * 1024;

/** @throws InvalidSecretContent when it is too large to be rendered */
export function checkSize({ templates, data }: RenderJobs): void {
  const values = [...data.values(), ...templates.map(({ source }) => source)];
  const bytes = values.reduce((total, { byteLength }) => total + byteLength, 0);
  if (bytes <= LARGEST_REQUEST_BYTES) return;
  throw new InvalidSecretContent(
    `the templates and the values for them have ${bytes} bytes, more than the limit of ${LARGEST_REQUEST_BYTES}`,
  );
}

/** @param delimiters those of Go unless given */
export function requestOf({ templates, data }: RenderJobs, delimiters?: Delimiters): RenderRequest {
  const values = [...data.values(), ...templates.map(({ source }) => source)];
  return {
    templates: templates.map(({ name, field, isSecret, as }) => ({ name, field, isSecret, as })),
    keys: [...data.keys()],
    delimiters,
    parts: values.map((value) => value.revealBytes()),
  };
}

/** @throws InvalidSpec, InvalidSecretContent */
export function renderedOf(reply: RenderReply): readonly Rendered[] {
  if (reply.kind === 'failed') {
    throw reply.when === 'parse' ? new InvalidSpec(reply.message) : new InvalidSecretContent(reply.message);
  }
  const values = reply.parts.values().map((bytes) => SecretValue.fromBytes(bytes));
  const take = (): SecretValue => values.next().value ?? SecretValue.fromText('');
  return reply.results.map(({ keys }) =>
    keys === undefined
      ? { kind: 'value', value: take() }
      : { kind: 'map', values: new Map(keys.map((key) => [key, take()])) },
  );
}
