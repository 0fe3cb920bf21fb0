/** Fields of the API that Keyturn does not act on yet: an object that sets one is told so, never half served. */

import type { DataFrom } from '../api/data-from.ts';
import type { ExternalSecret, ExternalSecretData } from '../api/external-secret.ts';

type Field = readonly [path: string, isSet: boolean];

function ofDataFrom(entry: DataFrom, index: number): readonly Field[] {
  const path = `spec.dataFrom[${index}]`;
  return [[`${path}.sourceRef.generatorRef`, entry.sourceRef?.generatorRef !== undefined]];
}

function ofData(entry: ExternalSecretData, index: number): readonly Field[] {
  const path = `spec.data[${index}]`;
  return [[`${path}.sourceRef.generatorRef`, entry.sourceRef?.generatorRef !== undefined]];
}

/** The first field that is set and not implemented, as a path that the user finds in the manifest. */
export function unsupportedField(spec: ExternalSecret['spec']): string | undefined {
  const fields = [...(spec.dataFrom ?? []).flatMap(ofDataFrom), ...(spec.data ?? []).flatMap(ofData)];
  return fields.find(([, isSet]) => isSet)?.[0];
}
