/** Records what is written to target Secrets, with what it was made from. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Reference } from '../domain/references.ts';
import { storeItself } from '../domain/store-standing.ts';
import { type Audit, type AuditedSource, askedFor, type WriteRecord } from '../ports/audit.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import { KeyturnError } from '../ports/errors.ts';
import { auditedObject, auditedVersion } from './audited-object.ts';
import type { Answers } from './read-references.ts';
import type { TargetWriter } from './target-writer.ts';

/** What is written, and from what. */
export interface Origin {
  readonly references: readonly Reference[];
  readonly readings: Answers['readings'];
  readonly sourceHash: string;
}

function sourcesOf({ references, readings }: Origin): readonly AuditedSource[] {
  const distinct = new Map(references.map((reference) => [reference.id, reference]));
  return [...distinct.values()].flatMap(({ id, ref, storeKey }) => {
    const reading = readings.get(id);
    if (reading === undefined) return [];
    const { version, requestIds } = reading;
    const got = (version.members ?? [version]).map((each) => auditedVersion(ref, each));
    return [{ store: storeItself(storeKey), asked: askedFor(ref), got, requestIds }];
  });
}

/** An error that is none of ours is the abort: what was under way may have arrived. */
function resultOf(error: unknown): string {
  return error instanceof KeyturnError ? error.name : 'Interrupted';
}

const DELETION = { verb: 'delete', keys: undefined, sources: undefined, sourceHash: undefined } as const;

/** Of a target that is only marked as known: no value was read, and none is written. */
export const NO_ORIGIN: Origin = { references: [], readings: new Map(), sourceHash: '' };

/** The targets as `externalSecret` writes them. */
export function auditedTargets(
  audit: Audit,
  targets: TargetWriter,
  externalSecret: ExternalSecret,
  origin: Origin,
): TargetWriter {
  type What = Pick<WriteRecord, 'result' | 'verb' | 'keys' | 'sources' | 'sourceHash'>;
  const record = (
    { namespace, name, uid }: Pick<SecretMetadata, 'namespace' | 'name'> & { readonly uid?: string },
    resourceVersion: string | undefined,
    what: What,
  ) =>
    audit.record({
      kind: 'write',
      result: what.result,
      verb: what.verb,
      object: auditedObject(externalSecret),
      target: { kind: 'Secret', namespace, name, uid, resourceVersion },
      keys: what.keys,
      sources: what.sources,
      sourceHash: what.sourceHash,
    });
  return {
    ...targets,
    async write(shape, data, signal) {
      const before = targets.current(`${shape.namespace}/${shape.name}`);
      const verb = before === undefined ? 'create' : 'patch';
      const what = { verb, keys: shape.keys, sources: sourcesOf(origin), sourceHash: origin.sourceHash } as const;
      try {
        const written = await targets.write(shape, data, signal);
        const { target } = written;
        if (written.what !== 'unchanged') record(target, target.resourceVersion, { ...what, result: 'ok' });
        return written;
      } catch (error) {
        record(before ?? shape, undefined, { ...what, result: resultOf(error) });
        throw error;
      }
    },
    async mark(shape, signal) {
      const before = targets.current(`${shape.namespace}/${shape.name}`) ?? shape;
      const what = { verb: 'patch', keys: [], sources: undefined, sourceHash: undefined } as const;
      try {
        const written = await targets.mark(shape, signal);
        const { target } = written;
        if (written.what !== 'unchanged') record(target, target.resourceVersion, { ...what, result: 'ok' });
        return written;
      } catch (error) {
        record(before, undefined, { ...what, result: resultOf(error) });
        throw error;
      }
    },
    async delete(target, signal) {
      try {
        await targets.delete(target, signal);
        record(target, undefined, { ...DELETION, result: 'ok' });
      } catch (error) {
        record(target, undefined, { ...DELETION, result: resultOf(error) });
        throw error;
      }
    },
  };
}
