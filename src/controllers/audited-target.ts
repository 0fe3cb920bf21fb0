/** Records what is written to targets, with what it was made from. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Reference } from '../domain/references.ts';
import { storeItself } from '../domain/store-standing.ts';
import { targetNameOf } from '../domain/target.ts';
import { targetWordsOf } from '../domain/target-words.ts';
import { type Audit, type AuditedSource, askedFor, type WriteRecord } from '../ports/audit.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import { KeyturnError } from '../ports/errors.ts';
import { auditedObject, auditedVersion } from './audited-object.ts';
import type { Answers } from './read-references.ts';
import type { Rendering, Target, WriteMarks, Written } from './target.ts';

/** What is written, and from what. */
export interface Origin {
  readonly references: readonly Reference[];
  readonly readings: Answers['readings'];
  readonly marks: WriteMarks;
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

/** Of a target that is only marked as known: no value was read, and none is written. */
export const NO_ORIGIN: Origin = {
  references: [],
  readings: new Map(),
  marks: { sourceHash: '', type: undefined, version: undefined },
};

/** What changes a target. */
export interface TargetWrites extends Pick<Target, 'mark' | 'delete'> {
  /** As `Rendering.write`. */
  write(rendering: Rendering, signal: AbortSignal): Promise<Written>;
}

type What = Pick<WriteRecord, 'verb' | 'keys' | 'sources' | 'sourceHash'>;

const DELETION: What = { verb: 'delete', keys: undefined, sources: undefined, sourceHash: undefined };
const MARKING: What = { verb: 'patch', keys: [], sources: undefined, sourceHash: undefined };

/** Runs a write, and records how it went; what changed nothing is no write. */
type Recording = <T extends Written | undefined>(
  what: What,
  before: SecretMetadata | undefined,
  write: () => Promise<T>,
) => Promise<T>;

function recordingOf(audit: Audit, externalSecret: ExternalSecret): Recording {
  const { kind } = targetWordsOf(externalSecret);
  const { namespace } = externalSecret.metadata;
  const record = (what: What, result: string, of: SecretMetadata | undefined, resourceVersion: string | undefined) => {
    const name = of?.name ?? targetNameOf(externalSecret);
    const target = { kind, namespace, name, uid: of?.uid, resourceVersion };
    audit.record({ kind: 'write', result, object: auditedObject(externalSecret), target, ...what });
  };
  return async (what, before, write) => {
    try {
      const written = await write();
      if (written?.what === 'unchanged') return written;
      record(what, 'ok', written?.target ?? before, written?.target.resourceVersion);
      return written;
    } catch (error) {
      record(what, resultOf(error), before, undefined);
      throw error;
    }
  };
}

/** The writes to a target; with an audit each of them is recorded as made from `origin`. */
export function writesTo(
  audit: Audit | undefined,
  { target, externalSecret }: { readonly target: Target; readonly externalSecret: ExternalSecret },
  origin: Origin,
): TargetWrites {
  const recorded: Recording =
    audit === undefined ? (_what, _before, write) => write() : recordingOf(audit, externalSecret);
  const { marks } = origin;
  return {
    write(rendering, signal) {
      const before = target.current();
      const verb = before === undefined ? 'create' : 'patch';
      const what = { verb, keys: rendering.told, sources: sourcesOf(origin), sourceHash: marks.sourceHash } as const;
      return recorded(what, before, () => rendering.write(marks, signal));
    },
    mark: (shape, signal) => recorded(MARKING, target.current(), () => target.mark(shape, signal)),
    delete: (seen, signal) =>
      recorded(DELETION, seen, async () => {
        await target.delete(seen, signal);
        return undefined;
      }).then(() => undefined),
  };
}
