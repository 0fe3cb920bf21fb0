/** What tests expect of ExternalSecrets, stores, Secrets and Events: waiting for it, and looking once. */

import { until } from '../harness/until.ts';
import { at, type ClusterObjects, type Json } from './cluster-objects.ts';

const EXPECTED_WITHIN_MS = 15_000;

export interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export interface EventSeen {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

export interface Expectations extends Looks {
  /** Waits for Ready=True of an ExternalSecret, with that reason if given. */
  expectReady(namespace: string, name: string, reason?: string): Promise<Condition>;
  /** Waits for Ready=False of an ExternalSecret with a message that matches. */
  expectNotReady(namespace: string, name: string, message: RegExp, withinMs?: number): Promise<Condition>;
  /**
   * Waits for Ready=False of an ExternalSecret with a message that has all of these words in it, and for the Warning
   * that says the same.
   */
  expectTold(namespace: string, name: string, words: readonly string[]): Promise<void>;
  /** Waits for that condition of a SecretStore, or of a ClusterSecretStore if `namespace` is empty. */
  expectStore(
    namespace: string,
    name: string,
    status: 'True' | 'False',
    message: RegExp,
    withinMs?: number,
  ): Promise<Condition>;
  /** Waits for an Event about an object of that name. */
  expectEvent(namespace: string, name: string, reason: string, message: RegExp): Promise<EventSeen>;
  /** Waits until the Secret's data, as text, is exactly this. @returns how long that took, in ms */
  expectData(namespace: string, name: string, data: Json, withinMs?: number): Promise<number>;
}

/** As things are at this moment. */
interface Looks {
  condition(namespace: string, name: string): Promise<Condition | undefined>;
  events(namespace: string, name: string): Promise<readonly EventSeen[]>;
  /** The Secret's data as text; undefined when there is no such Secret. */
  secretData(namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** The whole Secret with its resourceVersion, for comparing; its data is base64. @throws Error when there is none */
  secret(namespace: string, name: string): Promise<Json>;
}

/** Matches a text that has all of these in it. */
export function saying(words: readonly string[]): RegExp {
  const literally = (text: string) => text.replace(/[^\w\s]/g, '\\$&');
  return new RegExp(words.map((each) => `(?=.*${literally(each)})`).join(''), 's');
}

export function expectations(objects: ClusterObjects): Expectations {
  const looks = looking(objects);
  const waits = expecting(objects, looks);
  return {
    ...looks,
    ...waits,
    async expectTold(namespace, name, words) {
      const { message } = await waits.expectNotReady(namespace, name, saying(words));
      const { type } = await waits.expectEvent(namespace, name, 'UpdateFailed', saying([message]));
      if (type !== 'Warning') {
        throw new Error(`the Event about ${name} is of type ${type}, not Warning`);
      }
    },
  };
}

function expecting(objects: ClusterObjects, { condition, events, secretData }: Looks) {
  return {
    expectReady: (namespace: string, name: string, reason = 'SecretSynced') =>
      awaited(
        `ExternalSecret ${name} to be Ready with ${reason}`,
        () => condition(namespace, name),
        (seen) => seen.status === 'True' && seen.reason === reason,
      ),
    expectNotReady: (namespace: string, name: string, message: RegExp, withinMs?: number) =>
      awaited(
        `ExternalSecret ${name} not to be Ready, with ${message}`,
        () => condition(namespace, name),
        (seen) => seen.status === 'False' && message.test(seen.message),
        withinMs,
      ),
    expectStore: (namespace: string, name: string, status: 'True' | 'False', message: RegExp, withinMs?: number) =>
      awaited(
        `store ${name} to have Ready=${status} with ${message}`,
        async () =>
          readyOf(await objects.get(namespace === '' ? 'ClusterSecretStore' : 'SecretStore', namespace, name)),
        (seen) => seen.status === status && message.test(seen.message),
        withinMs,
      ),
    async expectEvent(namespace: string, name: string, reason: string, message: RegExp): Promise<EventSeen> {
      const matches = (event: EventSeen) => event.reason === reason && message.test(event.message);
      const what = `an Event ${reason} about ${name} with ${message}`;
      const seen = await until(
        what,
        () => events(namespace, name),
        EXPECTED_WITHIN_MS,
        (all) => all.some(matches),
      );
      return seen.find(matches) ?? { type: '', reason, message: '', count: 0 };
    },
    async expectData(namespace: string, name: string, data: Json, withinMs = EXPECTED_WITHIN_MS): Promise<number> {
      const startedAtMs = performance.now();
      const wanted = sorted(data);
      const probe = async () => sorted((await secretData(namespace, name)) ?? {});
      await until(`Secret ${name} to hold ${wanted}`, probe, withinMs, (seen) => seen === wanted);
      return performance.now() - startedAtMs;
    },
  };
}

async function awaited(
  what: string,
  probe: () => Promise<Condition | undefined>,
  accept: (seen: Condition) => boolean,
  withinMs = EXPECTED_WITHIN_MS,
): Promise<Condition> {
  const seen = await until(what, probe, withinMs, (condition) => condition !== undefined && accept(condition));
  return seen ?? { status: '', reason: '', message: '', lastTransitionTime: '' };
}

function looking(objects: ClusterObjects): Looks {
  return {
    condition: async (namespace: string, name: string) => readyOf(await objects.get('ExternalSecret', namespace, name)),
    async events(namespace: string, name: string): Promise<readonly EventSeen[]> {
      // Events about objects without a namespace are in `default`.
      const all = await objects.list('Event', namespace === '' ? 'default' : namespace);
      return all
        .filter((event) => at(event, 'involvedObject', 'name') === name)
        .map((event) => ({
          type: String(event['type']),
          reason: String(event['reason']),
          message: String(event['message']),
          count: Number(event['count']),
        }));
    },
    async secretData(namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined> {
      const secret = await objects.get('Secret', namespace, name);
      const entries = Object.entries(at(secret, 'data') ?? {});
      const decoded = entries.map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString('utf8')]);
      return secret && Object.fromEntries(decoded);
    },
    async secret(namespace: string, name: string): Promise<Json> {
      const found = await objects.get('Secret', namespace, name);
      if (found === undefined) {
        throw new Error(`there is no Secret ${namespace}/${name}`);
      }
      return found;
    },
  };
}

function readyOf(object: Json | undefined): Condition | undefined {
  const conditions = at(object, 'status', 'conditions');
  const ready: unknown = Array.isArray(conditions)
    ? conditions.find((each) => at(each, 'type') === 'Ready')
    : undefined;
  const text = (member: string) => String(at(ready, member) ?? '');
  return ready === undefined
    ? undefined
    : {
        status: text('status'),
        reason: text('reason'),
        message: text('message'),
        lastTransitionTime: text('lastTransitionTime'),
      };
}

function sorted(data: Json): string {
  return JSON.stringify(Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))));
}
