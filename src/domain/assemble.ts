/** From what was read to the data of the target Secret. Pure; messages name keys and sizes, never contents. */

import { Effort, GjsonLimitExceeded } from '../gjson/gjson.ts';
import { InvalidSecretContent, InvalidSpec } from '../ports/errors.ts';
import type { SecretData, SecretValue } from '../ports/secret-value.ts';
import { SecretValue as Value } from '../ports/secret-value.ts';
import { underSecretKeys } from './data-keys.ts';
import { decode, hasNullByte } from './decoding.ts';
import { type PropertyResult, propertyText } from './property-path.ts';
import { quotedKey } from './quoted-keys.ts';
import type { Reference } from './references.ts';
import type { RewriteTools } from './rewrite.ts';
import { type ConversionStrategy, keyProblem } from './secret-key.ts';
import { topLevelMap } from './top-level-map.ts';

/** A secret, or for `find` the secrets that were found by their names. */
export type Answer = SecretValue | SecretData;

function placeOf({ ref }: Reference): string {
  return 'version' in ref && ref.version.kind === 'tags' ? 'among the tags of the secret' : 'in the secret';
}

function found(property: string, secret: SecretValue, effort: Effort): PropertyResult {
  try {
    return propertyText(secret.revealBytes(), property, effort);
  } catch (error) {
    if (!(error instanceof GjsonLimitExceeded)) throw error;
    throw new InvalidSecretContent(
      `property ${quotedKey(property)} exceeds ${error.message}; ask for less in one ExternalSecret`,
    );
  }
}

/** The value of one reference: the whole secret, or the property that is asked for. */
function requested(reference: Reference, secret: SecretValue, effort: Effort): SecretValue {
  const { property } = reference.taking;
  if (property === undefined || property === '') return secret;
  const result = found(property, secret, effort);
  switch (result.kind) {
    case 'found':
      return Value.fromBytes(result.text);
    case 'missing':
      throw new InvalidSecretContent(
        `property ${quotedKey(property)} does not exist ${placeOf(reference)}; check its spelling`,
      );
    case 'notJson':
      throw new InvalidSecretContent(
        `property ${quotedKey(property)} was asked for, but the secret (${secret.byteLength} bytes) is not JSON; ` +
          'remove the property to take the secret whole',
      );
  }
}

function decoded(reference: Reference, key: string, value: SecretValue): SecretValue {
  const { decodingStrategy = 'None', nullBytePolicy = 'Ignore' } = reference.taking;
  const result = decode(value, decodingStrategy);
  if (result === undefined) {
    throw new InvalidSecretContent(`the value for key "${key}" is not ${decodingStrategy}`);
  }
  if (nullBytePolicy === 'Fail' && hasNullByte(result)) {
    throw new InvalidSecretContent(`the value for key "${key}" has a NUL byte, and nullBytePolicy is Fail`);
  }
  return result;
}

/** The members of a JSON object. */
function extracted(reference: Reference, secret: SecretValue, effort: Effort): SecretData {
  const whole = requested(reference, secret, effort);
  const result = topLevelMap(whole.revealText());
  if (result.kind === 'notObject') {
    throw new InvalidSecretContent(`extract needs a JSON object, and the secret (${whole.byteLength} bytes) is none`);
  }
  return new Map([...result.entries].map(([name, text]) => [name, Value.fromText(text)]));
}

interface Means {
  readonly tools: RewriteTools;
  /** Of all properties together. */
  readonly effort: Effort;
}

/** What one reference adds to the target. Throws InvalidSecretContent and InvalidSpec. */
function contribution(reference: Reference, answer: Answer, { tools, effort }: Means): SecretData {
  const { secretKey, rewrite, taking } = reference;
  if (secretKey !== undefined && answer instanceof Value) {
    const problem = keyProblem(secretKey);
    if (problem !== undefined) throw new InvalidSpec(problem);
    return new Map([[secretKey, decoded(reference, secretKey, requested(reference, answer, effort))]]);
  }
  const values = answer instanceof Value ? extracted(reference, answer, effort) : answer;
  const keyed = underSecretKeys(values, { rewrite, conversionStrategy: strategyOf(taking) }, tools);
  return new Map([...keyed].map(([key, value]) => [key, decoded(reference, key, value)]));
}

function strategyOf({ conversionStrategy }: Reference['taking']): ConversionStrategy {
  return conversionStrategy === 'Unicode' ? 'Unicode' : 'Default';
}

export type Assembled =
  | { readonly kind: 'data'; readonly data: SecretData }
  | { readonly kind: 'failed'; readonly field: string; readonly error: InvalidSecretContent | InvalidSpec };

/** Merges the contributions in order, the later winning; the first one that cannot be made fails the whole. */
export function assemble(
  references: readonly Reference[],
  read: (reference: Reference) => Answer,
  tools: RewriteTools,
): Assembled {
  const data = new Map<string, SecretValue>();
  const means = { tools, effort: new Effort() };
  for (const reference of references) {
    try {
      for (const [key, value] of contribution(reference, read(reference), means)) data.set(key, value);
    } catch (error) {
      if (!(error instanceof InvalidSecretContent || error instanceof InvalidSpec)) throw error;
      return { kind: 'failed', field: reference.field, error };
    }
  }
  return { kind: 'data', data };
}
