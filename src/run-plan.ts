/** `keyturn plan`: looks at the cluster and at AWS once, and finds out what `keyturn run` would do. It writes nothing. */

import { forecastClusterExternalSecrets, hangingObjects } from './controllers/cluster-forecast.ts';
import { forecastAll, Waiting } from './controllers/forecast-all.ts';
import { Forecaster } from './controllers/forecaster.ts';
import { checkStores } from './controllers/store-forecast.ts';
import { createDigest } from './domain/digest.ts';
import type { PlanReport } from './domain/forecast.ts';
import { templateSourcesOf } from './domain/template-sources.ts';
import { storesNamedBy } from './domain/used-stores.ts';
import { createKubeClient, type KubeClient } from './kube/client.ts';
import { createDryRunObjects } from './kube/dry-run-objects.ts';
import { createDryRunSecrets } from './kube/dry-run-secrets.ts';
import { createListedView } from './kube/listed-view.ts';
import { readOnly } from './kube/read-only-client.ts';
import { systemClock } from './loop/system-clock.ts';
import { createLogger } from './observe/logger.ts';
import { createMetrics } from './observe/metrics.ts';
import { buildShared, createViews, type OperatorOptions, type Shared } from './operator.ts';
import type { PlanOptions } from './plan-options.ts';
import type { ObjectKey } from './ports/cluster.ts';
import { ClusterForbidden, ClusterNotFound } from './ports/errors.ts';
import { Sweeper } from './rotation/sweeper.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Views = ReturnType<typeof createViews>;

const clock = systemClock;

/** A list that is refused for one of these reasons is done without. */
async function listedUnless(
  refusal: new (message: string) => Error,
  list: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await list(signal);
  } catch (error) {
    if (!(error instanceof refusal)) throw error;
  }
}

/** @throws ClusterForbidden, ClusterNotFound (the CRDs are missing), ClusterUnavailable */
async function listAll({ views, clusterExternalSecretViews, configMaps }: Views, signal: AbortSignal): Promise<void> {
  const { clusterExternalSecrets, namespaces } = clusterExternalSecretViews;
  const lists = [...Object.values(views), namespaces].map((each) => each.run(signal));
  await Promise.all([...lists, listedUnless(ClusterNotFound, (each) => clusterExternalSecrets.run(each), signal)]);
  const usesConfigMaps = [...views.externalSecrets.view.values()].some(
    (entry) =>
      entry.kind === 'valid' &&
      templateSourcesOf(entry.object.spec.target?.template).some(({ kind }) => kind === 'ConfigMap'),
  );
  if (!usesConfigMaps) return;
  configMaps.demand();
  // As for the operator: without the right to list them, each is read by its name.
  await listedUnless(ClusterForbidden, (each) => configMaps.run(each), signal);
}

/** Those that are there, and those that were asked for by name, whether they are there or not. */
function selectedKeys({ view }: Views['views']['externalSecrets'], selected: readonly string[]): readonly ObjectKey[] {
  if (selected.length === 0) return [...view.keys()].sort();
  const inNamespace = (key: ObjectKey) => selected.includes(`${key.slice(0, key.indexOf('/'))}/*`);
  const named = selected.filter((key) => !key.endsWith('/*'));
  return [...new Set([...[...view.keys()].filter(inNamespace), ...named])].sort();
}

function usedStores({ views }: Shared, keys: readonly ObjectKey[]): readonly string[] {
  const used = keys.flatMap((key) => {
    const entry = views.externalSecrets.view.get(key);
    return entry?.kind === 'valid' ? storesNamedBy(entry.object).map(({ storeKey }) => storeKey) : [];
  });
  return [...new Set(used)];
}

function forecasterOf(shared: Shared, { run, observed }: OperatorOptions, client: KubeClient, waiting: Waiting) {
  const { views } = shared;
  return new Forecaster({
    ...shared,
    view: views.externalSecrets.view,
    secretView: views.secrets.view,
    secretsTelling: (tell) => createDryRunSecrets(client, tell),
    objectsTelling: (tell) => createDryRunObjects(shared.objects, tell),
    deletionBrakePercent: run.deletionBrakePercent,
    digest: createDigest(),
    metrics: observed.metrics,
    onMoved: (keys) => waiting.wake(keys),
  });
}

/** What concerns no ExternalSecret alone; nothing of it where some were selected. */
function clusterWide(
  { views, clusterExternalSecretViews }: Views,
  { run, selected }: PlanOptions,
): Pick<PlanReport, 'clusterExternalSecrets' | 'releases' | 'notFollowed'> {
  const nothing = { clusterExternalSecrets: [], releases: [] };
  if (selected.length > 0) return { ...nothing, notFollowed: ['anything but the ExternalSecrets that were named'] };
  const { clusterExternalSecrets, namespaces } = clusterExternalSecretViews;
  const options = { view: clusterExternalSecrets.view, namespaces: namespaces.view };
  const stores = [views.secretStores.view, views.clusterSecretStores.view];
  return {
    clusterExternalSecrets: forecastClusterExternalSecrets({ ...options, externalSecrets: views.externalSecrets.view }),
    releases: hangingObjects({ ...options, stores, controllerClass: run.controllerClass }),
    notFollowed: [
      ...(run.namespaces.length === 0 ? [] : ['other namespaces, and the objects of the cluster (--namespace)']),
      'the Secrets of ExternalSecrets that a ClusterExternalSecret would only make or change',
    ],
  };
}

async function find(
  plan: PlanOptions,
  options: OperatorOptions,
  client: KubeClient,
  signal: AbortSignal,
): Promise<PlanReport> {
  const { run, log, observed } = options;
  const { metrics } = observed;
  const created = { client, clock, log, metrics, namespaces: run.namespaces, createView: createListedView };
  const views = createViews(created);
  await listAll(views, signal);
  const shared = buildShared(options, client, views);
  const waiting = new Waiting(clock);
  const { index, registry, sources, renderer } = shared;
  const sourceOf = (identityKey: string) => registry.identities.get(identityKey);
  const sweeper = new Sweeper({ index, sourceOf, onMoved: (keys) => waiting.wake(keys), clock, metrics, log });
  const ended = new AbortController();
  const sweeping = sweeper.run(AbortSignal.any([signal, ended.signal]));
  try {
    const keys = selectedKeys(views.views.externalSecrets, plan.selected);
    const stores = await checkStores(usedStores(shared, keys), { ...shared, views: shared.stores }, signal);
    const forecaster = forecasterOf(shared, options, client, waiting);
    const { concurrency } = run;
    const externalSecrets = await forecastAll(keys, { forecaster, waiting, concurrency, clock }, signal);
    return { externalSecrets, stores, ...clusterWide(views, plan) };
  } finally {
    ended.abort();
    await sweeping;
    sources.close();
    await renderer.close();
  }
}

/**
 * @throws NoClusterConfig, ClusterForbidden, ClusterNotFound, ClusterUnavailable when the cluster cannot be read; the reason
 * of `stop` when it is aborted
 */
export async function runPlan(plan: PlanOptions, env: Environment, stop: AbortSignal): Promise<PlanReport> {
  const { run } = plan;
  const log = createLogger(run.logLevel, 'stderr');
  const observed = createMetrics();
  const client = readOnly(
    createKubeClient({ kubeconfigPath: run.kubeconfig, env, clock, log, metrics: observed.metrics }),
  );
  try {
    return await find(plan, { run, env, log, observed }, client, stop);
  } finally {
    await client.close();
    log.flush();
  }
}
