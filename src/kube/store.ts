/**
 * The present state of one kind as a list/watch tells it: projected, swapped in whole, read by key. An object is kept as
 * JSON text, a third of what it takes as objects, and parsed when it is read: most are read once in their life.
 */

import type { ObjectKey, View, ViewChange } from '../ports/cluster.ts';
import type { Log } from '../ports/log.ts';
import { errorSummary } from './errors.ts';
import { pack, unpack } from './packed-text.ts';
import type { WatchedObject } from './watch-event.ts';
import type { WatchOutput } from './watch-state.ts';

/** Narrows one raw object; undefined or a throw skips that object and no other. */
export type Project<T> = (raw: unknown) => T | undefined;

export interface StoreOptions<T> {
  readonly project: Project<T>;
  /** For log lines: the plural of the kind. */
  readonly resource: string;
  readonly log: Log;
  /** How many list/watches feed the store: it is synced when each has completed its first list. */
  readonly feeds: number;
}

export interface Store<T> {
  readonly view: View<T>;
  /** The write side of feed 0, 1, ... `feeds - 1`. A relist of one feed leaves the objects of the others alone. */
  feed(index: number): (output: WatchOutput) => void;
}

interface Entry {
  readonly key: ObjectKey;
  readonly feed: number;
  readonly resourceVersion: string;
  /** The projection; see packed-text.ts. */
  readonly packed: string;
}

/** Unpacked only when it is told: a list of all objects has as many changes. */
interface Change {
  readonly key: ObjectKey;
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
  readonly initial: boolean;
}

/** What a list that is not complete has brought so far. */
type Gathered = Map<ObjectKey, Entry>;

/** One look at an object reads it several times, and many looks go on at the same time: so many stay unpacked. */
const UNPACKED = 64;
/** Keys of objects that could not be projected are remembered up to this number, so that each is logged once. */
const MAX_SKIPPED = 4_096;

export function createStore<T>(options: StoreOptions<T>): Store<T> {
  const state = new Map<ObjectKey, Entry>();
  const gathering = new Map<number, Gathered>();
  const synced = new Set<number>();
  const projection = createProjection(options);
  const unpacked = createUnpacked<T>();
  const listeners = createListeners<T>(options, unpacked);

  function read(feed: number, object: WatchedObject): Entry | undefined {
    const value = projection.apply(object);
    // The text of a key that is kept here is the one that everybody else gets to keep.
    const key = state.get(object.key)?.key ?? object.key;
    return value && { key, feed, resourceVersion: object.resourceVersion, packed: pack(value) };
  }

  /** Changes the state of one key; undefined when there was nothing to change. */
  function put(key: ObjectKey, after: Entry | undefined, initial: boolean): Change | undefined {
    const before = state.get(key);
    if (before?.resourceVersion === after?.resourceVersion) return undefined;
    if (after) state.set(after.key, after);
    else state.delete(key);
    return { key: before?.key ?? key, before, after, initial };
  }

  /** The whole new state is in place before the first listener hears of it. */
  function swap(feed: number): void {
    const initial = !synced.has(feed);
    const gathered = gathering.get(feed) ?? new Map<ObjectKey, Entry>();
    gathering.delete(feed);
    synced.add(feed);
    const gone = [...state].filter(([key, entry]) => entry.feed === feed && !gathered.has(key));
    const changes = gone.map(([key]) => put(key, undefined, initial));
    for (const [key, entry] of gathered) {
      changes.push(put(key, entry, initial));
    }
    listeners.tell(changes);
  }

  function take(feed: number, output: WatchOutput): void {
    switch (output.kind) {
      case 'init':
        gathering.set(feed, new Map());
        break;
      case 'initApplied':
        gather(gathering.get(feed), output.object.key, read(feed, output.object));
        break;
      case 'initDeleted':
        gather(gathering.get(feed), output.object.key, undefined);
        break;
      case 'initDone':
        swap(feed);
        break;
      case 'applied':
        listeners.tell([put(output.object.key, read(feed, output.object), false)]);
        break;
      case 'deleted':
        projection.forget(output.object.key);
        listeners.tell([put(output.object.key, undefined, false)]);
    }
  }

  return {
    feed: (index) => (output) => take(index, output),
    view: readSide({ options, state, synced, unpacked, onChange: listeners.add }),
  };
}

type Unpacked<T> = (entry: Entry | undefined) => T | undefined;

interface ReadSide<T> {
  readonly options: StoreOptions<T>;
  readonly state: ReadonlyMap<ObjectKey, Entry>;
  readonly synced: ReadonlySet<number>;
  readonly unpacked: Unpacked<T>;
  readonly onChange: View<T>['onChange'];
}

function readSide<T>({ options, state, synced, unpacked, onChange }: ReadSide<T>): View<T> {
  return {
    get synced() {
      return synced.size >= options.feeds;
    },
    get: (key) => unpacked(state.get(key)),
    keys: () => state.keys(),
    values: () => state.values().map((entry) => projected<T>(entry)),
    onChange,
  };
}

/** Unpacks entries, and keeps those that were asked for last. */
function createUnpacked<T>(): Unpacked<T> {
  const recent = new Map<Entry, T>();
  return (entry) => {
    if (entry === undefined) return undefined;
    const value = recent.get(entry) ?? projected<T>(entry);
    recent.delete(entry);
    recent.set(entry, value);
    const [oldest] = recent.size > UNPACKED ? recent.keys() : [];
    if (oldest !== undefined) recent.delete(oldest);
    return value;
  };
}

/** What was packed here came from a projection to `T`, which has nothing that JSON does not keep. */
function projected<T>(entry: Entry): T {
  return unpack(entry.packed) as T;
}

function gather(gathered: Gathered | undefined, key: ObjectKey, entry: Entry | undefined): void {
  if (entry === undefined) {
    gathered?.delete(key);
  } else {
    gathered?.set(key, entry);
  }
}

/** An object that cannot be projected is absent: an outdated reading of it would be acted upon. */
function createProjection<T>(options: StoreOptions<T>): {
  apply(object: WatchedObject): T | undefined;
  forget(key: ObjectKey): void;
} {
  const { project, resource, log } = options;
  const skipped = new Set<ObjectKey>();

  function skip(key: ObjectKey, reason: string): undefined {
    if (!skipped.has(key) && skipped.size < MAX_SKIPPED) {
      skipped.add(key);
      log.warn({ resource, key, reason }, 'an object cannot be read and is skipped');
    }
    return undefined;
  }

  return {
    apply(object) {
      try {
        const value = project(object.raw);
        if (value === undefined) {
          return skip(object.key, 'not of the expected form');
        }
        skipped.delete(object.key);
        return value;
      } catch (error) {
        return skip(object.key, errorSummary(error));
      }
    },
    forget: (key) => skipped.delete(key),
  };
}

function createListeners<T>(
  options: StoreOptions<T>,
  unpacked: Unpacked<T>,
): {
  add(listener: (change: ViewChange<T>) => void): void;
  tell(changes: readonly (Change | undefined)[]): void;
} {
  const { resource, log } = options;
  const listeners: ((change: ViewChange<T>) => void)[] = [];

  function tellOne(listener: (change: ViewChange<T>) => void, change: ViewChange<T>): void {
    try {
      listener(change);
    } catch (error) {
      log.error({ resource, key: change.key, reason: errorSummary(error) }, 'a listener of the store failed');
    }
  }

  return {
    add(listener) {
      listeners.push(listener);
    },
    tell(changes) {
      for (const change of changes) {
        if (change === undefined) {
          continue;
        }
        const { before, after } = change;
        const told = { ...change, before: unpacked(before), after: unpacked(after) };
        for (const listener of listeners) {
          tellOne(listener, told);
        }
      }
    },
  };
}
