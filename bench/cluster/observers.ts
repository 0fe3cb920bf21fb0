/** Watches that tell when the API server had a Secret written or an ExternalSecret Ready, by the bench's own clock. */

import { createInterface } from 'node:readline';
import type { ApiClient, ApiRequest } from './api-client.ts';
import { fieldAt, textAt } from './json-field.ts';
import { externalSecretsPath, METADATA_ONLY, secretsPath } from './objects.ts';

export interface SecretObserver {
  /** performance.now() of each write of a Secret since the start, by name, oldest first. */
  readonly writesMs: ReadonlyMap<string, readonly number[]>;
  stop(): void;
}

export interface ReadyObserver {
  /** performance.now() at which an ExternalSecret was first seen to be Ready since the start, by name. */
  readonly readyMs: ReadonlyMap<string, number>;
  stop(): void;
}

const WATCH_SECONDS = 7_200;

/** Sees metadata only, as the operator does, so that it costs the API server as little as can be. */
export async function observeSecrets(api: ApiClient, namespace: string): Promise<SecretObserver> {
  const writesMs = new Map<string, number[]>();
  const watch = await follow(api, { path: secretsPath(namespace), accept: METADATA_ONLY }, (type, object) => {
    if (type !== 'ADDED' && type !== 'MODIFIED') return;
    const name = textAt(object, 'metadata', 'name');
    const before = writesMs.get(name);
    if (before === undefined) writesMs.set(name, [performance.now()]);
    else before.push(performance.now());
  });
  return { writesMs, stop: watch.stop };
}

export async function observeReady(api: ApiClient, namespace: string): Promise<ReadyObserver> {
  const readyMs = new Map<string, number>();
  const watch = await follow(api, { path: externalSecretsPath(namespace) }, (_type, object) => {
    const name = textAt(object, 'metadata', 'name');
    const [condition] = [fieldAt(object, 'status', 'conditions', 0)];
    const isReady = textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True';
    if (isReady && !readyMs.has(name)) readyMs.set(name, performance.now());
  });
  return { readyMs, stop: watch.stop };
}

type OnEvent = (type: string, object: unknown) => void;

/** Follows what happens from now on. @throws Error when the watch cannot be opened */
async function follow(
  api: ApiClient,
  { path, accept = 'application/json' }: Pick<ApiRequest, 'path' | 'accept'>,
  onEvent: OnEvent,
): Promise<{ stop(): void }> {
  const stopped = new AbortController();
  const list = await api.json({ method: 'GET', path: `${path}?limit=1` });
  const query = new URLSearchParams({
    watch: 'true',
    resourceVersion: textAt(list, 'metadata', 'resourceVersion'),
    timeoutSeconds: String(WATCH_SECONDS),
  });
  const reply = await api.stream({ method: 'GET', path: `${path}?${query}`, accept, signal: stopped.signal });
  const read = async () => {
    for await (const line of createInterface({ input: reply.body })) {
      const event: unknown = JSON.parse(line);
      onEvent(textAt(event, 'type'), fieldAt(event, 'object'));
    }
  };
  // A watch that breaks brings nothing more: whoever waits for it runs into a deadline that says what did not come.
  read().catch(() => undefined);
  return { stop: () => stopped.abort() };
}
