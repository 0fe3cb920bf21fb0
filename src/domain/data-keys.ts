/** From the keys that an entry of `dataFrom` brings to keys of a Secret (upstream sections 2.3 and 5). */

import type { Rewrite } from '../api/data-from.ts';
import { InvalidSecretContent } from '../ports/errors.ts';
import type { SecretData, SecretValue } from '../ports/secret-value.ts';
import { firstFew, quotedKey } from './quoted-keys.ts';
import { type RewriteTools, rewritten } from './rewrite.ts';
import { type ConversionStrategy, convertKey, keyProblem } from './secret-key.ts';

function converted(values: SecretData, strategy: ConversionStrategy): SecretData {
  const result = new Map<string, SecretValue>();
  const origins = new Map<string, string>();
  for (const [origin, value] of values) {
    const key = convertKey(origin, strategy);
    const other = origins.get(key);
    if (other !== undefined) {
      throw new InvalidSecretContent(
        `${quotedKey(other)} and ${quotedKey(origin)} both become ${quotedKey(key)} by conversion; ` +
          'use rewrite, or conversionStrategy: Unicode, to tell them apart',
      );
    }
    origins.set(key, origin);
    result.set(key, value);
  }
  return result;
}

/** Drops the empty key, as upstream does. */
function checked(values: SecretData): SecretData {
  const named = new Map([...values].filter(([key]) => key !== ''));
  const problems = [...named.keys()].map(keyProblem).filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    throw new InvalidSecretContent(`${firstFew(problems, '; ')}; change such keys with rewrite or conversionStrategy`);
  }
  return named;
}

export interface KeyRules {
  /** Absent or empty: the keys are converted instead. */
  readonly rewrite?: readonly Rewrite[] | undefined;
  /** Absent means Default, for what a provider brings; what a generator brings is not converted: `None`. */
  readonly conversionStrategy?: ConversionStrategy | 'None' | undefined;
}

/**
 * The values under keys that a Secret may have: rewritten, or else converted, and then checked.
 * @throws InvalidSpec, InvalidSecretContent
 */
export function underSecretKeys(values: SecretData, rules: KeyRules, tools: RewriteTools): SecretData {
  const { rewrite = [], conversionStrategy = 'Default' } = rules;
  if (rewrite.length > 0) return checked(rewritten(rewrite, values, tools));
  return checked(conversionStrategy === 'None' ? values : converted(values, conversionStrategy));
}
