/** A plan as text for people and as JSON for programs. It is made of names and digests: no value gets here. */

import { countsOf, type Forecast, type PlanReport, verdictOf } from '../domain/forecast.ts';
import type { KeyDifference, NameDifference, TargetDifference } from '../domain/target-difference.ts';

/** What comes from the cluster may hold anything; a terminal is not to be steered by it. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
}

const SIGNS: Readonly<Record<KeyDifference['change'], string>> = {
  added: '+',
  changed: '~',
  removed: '-',
  same: '=',
};

function keyLine({ key, change, before, after }: KeyDifference): string {
  const digests = change === 'changed' ? `${before} -> ${after}` : (after ?? before ?? '');
  return `${SIGNS[change]} ${key}  ${digests}`;
}

function namesText(what: string, { added, changed, removed }: NameDifference): readonly string[] {
  const names = [
    ...added.map((name) => `+${name}`),
    ...changed.map((name) => `~${name}`),
    ...removed.map((name) => `-${name}`),
  ];
  return names.length === 0 ? [] : [`${what}: ${names.join(' ')}`];
}

function differenceLines(difference: TargetDifference): readonly string[] {
  const { keys, labels, annotations, owner, type, becomesImmutable, addedFinalizers } = difference;
  return [
    ...keys.map(keyLine),
    ...(type === undefined ? [] : [`type: ${type}`]),
    ...namesText('labels', labels),
    ...namesText('annotations', annotations),
    ...(owner === 'same' ? [] : [`owner: ${owner}`]),
    ...(becomesImmutable ? ['immutable: set'] : []),
    ...(addedFinalizers.length === 0 ? [] : [`finalizers: ${addedFinalizers.map((name) => `+${name}`).join(' ')}`]),
  ];
}

const WIDTH = 8;

function whereOf({ name, secret, target }: Forecast): string {
  if (target !== undefined) return ` (${target})`;
  return secret === undefined || secret === name ? '' : ` (Secret ${secret})`;
}

function forecastLines(forecast: Forecast): string[] {
  const { kind, namespace, name, message, difference, orphans = [] } = forecast;
  const told = message === undefined ? '' : `: ${message}`;
  const more = [
    ...(difference === undefined ? [] : differenceLines(difference)),
    ...orphans.map((orphan) => `deletes Secret ${orphan}, which had the name that was given before`),
  ];
  return [
    `${kind.padEnd(WIDTH)}  ${namespace}/${name}${whereOf(forecast)}${told}`,
    ...more.map((line) => `            ${line}`),
  ];
}

function storeLines({ stores }: PlanReport): readonly string[] {
  return stores.map(({ store, kind, message }) =>
    kind === 'ready' ? `store     ${store}: read as ${message}` : `store     ${store}: ${kind}: ${message}`,
  );
}

function clusterLines({ clusterExternalSecrets, releases, notFollowed }: PlanReport): readonly string[] {
  const steps = ['create', 'update', 'delete', 'taken'] as const;
  return [
    ...clusterExternalSecrets.flatMap((each) => {
      const parts = steps.filter((step) => each[step].length > 0).map((step) => `${step} ${each[step].join(', ')}`);
      const text = each.refused === undefined ? parts.join('; ') || 'nothing' : `refused: ${each.refused}`;
      return [`cluster   ClusterExternalSecret ${each.name}: ${text}`];
    }),
    ...releases.map((object) => `release   ${object}: hangs in deletion by a finalizer of External Secrets Operator`),
    ...notFollowed.map((what) => `not followed: ${what}`),
  ];
}

function summary(report: PlanReport): string {
  const counts = Object.entries(countsOf(report)).filter(([, count]) => count > 0);
  const total = `${report.externalSecrets.length} ExternalSecrets`;
  return `${[total, ...counts.map(([kind, count]) => `${count} ${kind}`)].join(', ')}. Nothing was written.`;
}

function blocks(report: PlanReport): readonly (readonly string[])[] {
  const forecasts = report.externalSecrets.flatMap(forecastLines);
  return [storeLines(report), clusterLines(report), forecasts, [summary(report)]].filter((each) => each.length > 0);
}

export function planText(report: PlanReport): string {
  return `${blocks(report)
    .map((lines) => lines.map(printable).join('\n'))
    .join('\n\n')}\n`;
}

export function planJson(report: PlanReport): string {
  return `${JSON.stringify({ verdict: verdictOf(report), summary: countsOf(report), ...report }, undefined, 2)}\n`;
}
