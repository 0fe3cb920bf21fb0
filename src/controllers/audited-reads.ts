/** Records what an ExternalSecret was given by a source, or refused: a call that others share is a read of each. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { type StoreKey, storeItself } from '../domain/store-standing.ts';
import { type Audit, askedFor, type ReadRecord } from '../ports/audit.ts';
import { KeyturnError } from '../ports/errors.ts';
import type { SecretReading, SecretSource, WatchedRef } from '../ports/secret-source.ts';
import { auditedObject, auditedVersion } from './audited-object.ts';

export type Reads = Pick<SecretSource, 'read' | 'find'>;

/** What a sync reads with for one store. Without an audit it is the source itself. */
export function auditedReads(
  audit: Audit | undefined,
  source: SecretSource,
  externalSecret: ExternalSecret,
  storeKey: StoreKey,
): Reads {
  if (audit === undefined) return source;
  const record = (ref: WatchedRef, what: Pick<ReadRecord, 'result' | 'code' | 'got' | 'operation' | 'requestId'>) =>
    audit.record({
      kind: 'read',
      result: what.result,
      code: what.code,
      object: auditedObject(externalSecret),
      store: storeItself(storeKey),
      identity: source.reader,
      asked: askedFor(ref),
      got: what.got,
      operation: what.operation,
      requestId: what.requestId,
    });
  const given = (ref: WatchedRef, { operation, requestId, ...version }: Omit<SecretReading, 'value'>) =>
    record(ref, { result: 'ok', code: undefined, got: auditedVersion(ref, version), operation, requestId });
  /** Whoever has left was not told. */
  const refused = (ref: WatchedRef, error: unknown, signal: AbortSignal) => {
    if (!(error instanceof KeyturnError) || signal.aborted) return;
    const { name, code, operation, requestId } = error;
    record(ref, { result: name, code, got: undefined, operation, requestId });
  };
  return {
    async read(ref, signal) {
      try {
        const reading = await source.read(ref, signal);
        given(ref, reading);
        return reading;
      } catch (error) {
        refused(ref, error, signal);
        throw error;
      }
    },
    async find(query, signal, permits) {
      try {
        const found = await source.find(query, signal, permits);
        for (const secret of found.secrets) given({ query }, secret);
        return found;
      } catch (error) {
        refused({ query }, error, signal);
        throw error;
      }
    },
  };
}
