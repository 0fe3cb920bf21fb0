/** Narrows a raw Secret or ConfigMap that was read whole. */

import type { StoredData } from '../ports/cluster.ts';
import type { SecretValue } from '../ports/secret-value.ts';
import type { CallResult } from './client.ts';
import { asText, asTextMap, at } from './narrow.ts';

export function readStoredData(raw: unknown, toValue: (text: string) => SecretValue): StoredData {
  const data = Object.entries(asTextMap(at(raw, 'data'))).map(([key, text]) => [key, toValue(text)] as const);
  return { resourceVersion: asText(at(raw, 'metadata', 'resourceVersion')), data: new Map(data) };
}

/** undefined for what is not there (404). @throws what the call ended in otherwise */
export function bodyOrGone(result: CallResult): unknown {
  if (result.kind === 'ok') return result.body;
  if (result.status === 404) return undefined;
  throw result.error;
}
