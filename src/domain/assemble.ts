/** From what was read to the data of the target Secret. Pure; messages name keys and sizes, never contents. */

import { InvalidSecretContent, InvalidSpec } from '../ports/errors.ts';
import type { SecretData, SecretValue } from '../ports/secret-value.ts';
import { SecretValue as Value } from '../ports/secret-value.ts';
import { underSecretKeys } from './data-keys.ts';
import { decode, hasNullByte } from './decoding.ts';
import { propertyText, topLevelMap } from './property-path.ts';
import type { Reference } from './references.ts';
import type { RewriteTools } from './rewrite.ts';
import { type ConversionStrategy, keyProblem } from './secret-key.ts';

/** A secret, or for `find` the secrets that were found by their names. */
export type Answer = SecretValue | SecretData;

function placeOf({ ref }: Reference): string {
  return 'version' in ref && ref.version.kind === 'tags' ? 'among the tags of the secret' : 'in the secret';
}

/** The value of one reference: the whole secret, or the property that is asked for. */
function requested(reference: Reference, secret: SecretValue): SecretValue {
  const { property } = reference.taking;
  if (property === undefined || property === '') return secret;
  const result = propertyText(secret.revealText(), property);
  switch (result.kind) {
    case 'found':
      return Value.fromText(result.text);
    case 'missing':
      throw new InvalidSecretContent(`property "${property}" does not exist ${placeOf(reference)}; check its spelling`);
    case 'notJson':
      throw new InvalidSecretContent(
        `property "${property}" was asked for, but the secret (${secret.byteLength} bytes) is not JSON; ` +
          'remove the property to take the secret whole',
      );
    case 'unsupported':
      throw new InvalidSpec(
        `property "${property}" uses "${result.syntax}" of the gjson language, which is not implemented yet; ` +
          'use names and array indexes joined by dots',
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
function extracted(reference: Reference, secret: SecretValue): SecretData {
  const whole = requested(reference, secret);
  const result = topLevelMap(whole.revealText());
  if (result.kind === 'notObject') {
    throw new InvalidSecretContent(`extract needs a JSON object, and the secret (${whole.byteLength} bytes) is none`);
  }
  return new Map([...result.entries].map(([name, text]) => [name, Value.fromText(text)]));
}

/** What one reference adds to the target. Throws InvalidSecretContent and InvalidSpec. */
function contribution(reference: Reference, answer: Answer, tools: RewriteTools): SecretData {
  const { secretKey, rewrite, taking } = reference;
  if (secretKey !== undefined && answer instanceof Value) {
    const problem = keyProblem(secretKey);
    if (problem !== undefined) throw new InvalidSpec(problem);
    return new Map([[secretKey, decoded(reference, secretKey, requested(reference, answer))]]);
  }
  const values = answer instanceof Value ? extracted(reference, answer) : answer;
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
  for (const reference of references) {
    try {
      for (const [key, value] of contribution(reference, read(reference), tools)) data.set(key, value);
    } catch (error) {
      if (!(error instanceof InvalidSecretContent || error instanceof InvalidSpec)) throw error;
      return { kind: 'failed', field: reference.field, error };
    }
  }
  return { kind: 'data', data };
}
