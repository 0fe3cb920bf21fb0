/**
 * Conditions of ExternalSecrets besides Ready, as those who find them out say. The ExternalSecret's own reconcile writes
 * them with its status: it is the only one that does, so that no two writers overwrite each other.
 */

import type { ExtraCondition, ExtraType } from '../domain/extra-conditions.ts';
import type { ObjectKey } from '../ports/cluster.ts';

type OfObject = ReadonlyMap<ExtraType, ExtraCondition | undefined>;

export class ExtraConditions {
  readonly #told = new Map<ObjectKey, OfObject>();
  /** Called with the key of an ExternalSecret whose status has to be written anew. */
  onChange: (key: ObjectKey) => void = () => {};

  /** @param condition undefined: there is none of this type. @returns whether that is news */
  tell(key: ObjectKey, type: ExtraType, condition: ExtraCondition | undefined): boolean {
    const before = this.#told.get(key);
    if (before?.has(type) === true && isSame(before.get(type), condition)) return false;
    this.#told.set(key, new Map([...(before ?? []), [type, condition]]));
    this.onChange(key);
    return true;
  }

  /** What is known of it: a type that is missing here is not, and stays as the status has it. */
  of(key: ObjectKey): OfObject {
    return this.#told.get(key) ?? new Map();
  }

  /** Nobody looks at it any more. */
  forget(key: ObjectKey, type: ExtraType): void {
    const told = this.#told.get(key);
    if (told?.has(type) !== true) return;
    const rest = new Map([...told].filter(([each]) => each !== type));
    if (rest.size === 0) this.#told.delete(key);
    else this.#told.set(key, rest);
    if (told.get(type) !== undefined) this.onChange(key);
  }
}

function isSame(a: ExtraCondition | undefined, b: ExtraCondition | undefined): boolean {
  return a?.status === b?.status && a?.reason === b?.reason && a?.message === b?.message;
}
