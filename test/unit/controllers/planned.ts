/** A plan over the cluster and the AWS of a {@link World}, in virtual time. */

import { AccessPolicies } from '../../../src/controllers/access-policies.ts';
import { forecastAll, Waiting } from '../../../src/controllers/forecast-all.ts';
import { Forecaster } from '../../../src/controllers/forecaster.ts';
import { NamespaceLabels } from '../../../src/controllers/namespace-labels.ts';
import { ReverseIndex } from '../../../src/controllers/reverse-index.ts';
import { findStore } from '../../../src/controllers/store.ts';
import { checkStores } from '../../../src/controllers/store-forecast.ts';
import { StoreRegistry } from '../../../src/controllers/store-registry.ts';
import { TemplateObjects } from '../../../src/controllers/template-objects.ts';
import type { Forecast, StoreForecast } from '../../../src/domain/forecast.ts';
import { storesNamedBy } from '../../../src/domain/used-stores.ts';
import type { KubeRequest } from '../../../src/kube/client.ts';
import { createDryRunObjects } from '../../../src/kube/dry-run-objects.ts';
import { createDryRunSecrets } from '../../../src/kube/dry-run-secrets.ts';
import { Sweeper } from '../../../src/rotation/sweeper.ts';
import { VersionIndex } from '../../../src/rotation/version-index.ts';
import { createFakeClient, type FakeClient, failure } from '../kube/fake-client.ts';
import type { FakeSecrets } from './fake-secrets.ts';
import { inlineRenderer } from './inline-renderer.ts';
import type { World } from './world.ts';

export interface Planned {
  readonly forecasts: ReadonlyMap<string, Forecast>;
  readonly stores: readonly StoreForecast[];
  /** What was asked of the API server for the Secrets that would be written. */
  readonly requests: readonly KubeRequest[];
  readonly tookMs: number;
}

function served(secrets: FakeSecrets): FakeClient {
  return createFakeClient(({ path }) => {
    const key = `${path.namespace}/${path.name}`;
    const metadata = secrets.metadata(key);
    if (metadata === undefined) return failure(404);
    const { namespace, name, uid, resourceVersion, labels, annotations, controller } = metadata;
    const ownerReferences = controller === undefined ? [] : [{ ...controller, controller: true }];
    const entries = Object.entries(secrets.data(key) ?? {});
    return {
      metadata: { namespace, name, uid, resourceVersion, labels, annotations, ownerReferences },
      type: secrets.typeOf(key),
      immutable: secrets.isImmutable(key),
      data: Object.fromEntries(entries.map(([each, text]) => [each, Buffer.from(text).toString('base64')])),
    };
  });
}

export interface PlannedOptions {
  readonly keys?: readonly string[];
  readonly deletionBrakePercent?: number;
  readonly concurrency?: number;
}

/** Nothing runs beside it: the world is stopped, or was never started. */
export async function planned(world: World, options: PlannedOptions = {}): Promise<Planned> {
  const { clock, cluster, aws, log, metrics } = world;
  const { stores, externalSecrets: view, secrets, configMaps, serviceAccounts } = cluster;
  const labelsOf = new NamespaceLabels({ namespaces: cluster.namespaces, probe: async () => {}, clock }).of;
  const absence = (key: string) => (findStore(stores, key) === undefined ? ({ kind: 'missing' } as const) : undefined);
  const registry = new StoreRegistry({ absence, labelsOf });
  const index = new VersionIndex(() => 0.999);
  const shared = { clock, log, registry, index, secrets, serviceAccounts, metrics };
  const client = served(secrets);
  const waiting = new Waiting(clock);
  const onMoved = (keys: readonly string[]) => waiting.wake(keys);
  const { signal } = new AbortController();
  const ended = new AbortController();
  const sweeper = new Sweeper({ ...shared, sourceOf: (identityKey) => registry.identities.get(identityKey), onMoved });
  const keys = options.keys ?? [...view.keys()].sort();
  const used = keys.flatMap((key) => {
    const entry = view.get(key);
    return entry?.kind === 'valid' ? storesNamedBy(entry.object).map(({ storeKey }) => storeKey) : [];
  });
  const forecaster = new Forecaster({
    ...shared,
    view,
    externalSecrets: cluster.stored,
    onMoved,
    access: new AccessPolicies({ view: cluster.accessPolicies, labelsOf, isRequired: false }),
    allowsGeneric: true,
    renderer: inlineRenderer,
    templates: new TemplateObjects({ configMaps, configMapView: configMaps.view, secrets, secretView: secrets.view }),
    secretView: secrets.view,
    secretsTelling: (tell) => createDryRunSecrets(client, tell),
    objectsTelling: (tell) => createDryRunObjects(cluster.objects, tell),
    deletionBrakePercent: options.deletionBrakePercent ?? 20,
    digest: (value) => `#${value.revealText()}`,
  });
  const startedAtMs = clock.nowMs();
  async function find() {
    const sweeping = sweeper.run(ended.signal);
    const checked = await checkStores(
      [...new Set(used)],
      {
        ...shared,
        views: stores,
        credentialUsers: new ReverseIndex(),
        sources: aws.sources(),
        controllerClass: 'default',
        controllerIdentity: 'all',
      },
      signal,
    );
    const { concurrency = 32 } = options;
    const forecasts = await forecastAll(keys, { forecaster, waiting, concurrency, clock }, signal);
    const tookMs = clock.nowMs() - startedAtMs;
    ended.abort();
    await sweeping;
    return { forecasts, stores: checked, tookMs };
  }
  const found = await inTime(world, find());
  const byKey = new Map(found.forecasts.map((each) => [`${each.namespace}/${each.name}`, each]));
  return { ...found, forecasts: byKey, requests: client.requests };
}

async function inTime<T>(world: World, result: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const over = () => {
    state.isOver = true;
  };
  result.then(over, over);
  while (!state.isOver) await world.advance(50);
  return await result;
}
