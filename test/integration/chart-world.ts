/** The chart as its users have it: rendered with values, refused with a message, and what its Deployment says. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { KUBERNETES_VERSION } from '../harness/binaries.ts';
import { runHelm } from '../harness/helm.ts';
import type { CommandResult } from '../harness/run-command.ts';
import { at, type Json } from './cluster-objects.ts';

export const CHART = fileURLToPath(new URL('../../deploy/helm/keyturn', import.meta.url));

/** A file of the chart, as text. */
export function chartFile(path: string): string {
  return readFileSync(join(CHART, path), 'utf8');
}

export interface ForeignValue {
  /** Its path, with dots. */
  readonly value: string;
  readonly instead: string;
}

/** Values of the chart of External Secrets Operator that mean nothing in this one. */
export function foreignValues(): readonly ForeignValue[] {
  return parse(chartFile('files/foreign-values.yaml'));
}

/** `{ a: { b: value } }` of `a.b`. */
export function valueAt(path: string, value: unknown): Json {
  return path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Json;
}

function template(values: Json, args: readonly string[]): Promise<CommandResult> {
  const target = ['--namespace', 'keyturn', '--kube-version', KUBERNETES_VERSION];
  const base = ['template', 'keyturn', CHART, ...target, '--values', '-'];
  return runHelm([...base, ...args], { input: JSON.stringify(values) });
}

/** @throws Error with what Helm said when it refuses */
export async function renderedText(values: Json = {}, args: readonly string[] = []): Promise<string> {
  const { exitCode, stdout, stderr } = await template(values, args);
  if (exitCode !== 0) throw new Error(`helm template refused ${JSON.stringify(values)}: ${stderr}`);
  return stdout;
}

/** @throws Error with what Helm said when it refuses */
export async function rendered(values: Json = {}, args: readonly string[] = []): Promise<readonly Json[]> {
  return objectsIn(await renderedText(values, args));
}

/** What Helm says of values that it refuses. @throws Error when it does not refuse them */
export async function refusal(values: Json, args: readonly string[] = []): Promise<string> {
  const { exitCode, stderr } = await template(values, args);
  if (exitCode === 0) throw new Error(`helm template took ${JSON.stringify(values)}`);
  return stderr;
}

/** @throws Error when a document is not one of YAML, such as one with a key twice */
export function objectsIn(manifests: string): readonly Json[] {
  return parseAllDocuments(manifests).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    const object: unknown = document.toJS();
    return typeof object === 'object' && object !== null ? [{ ...object }] : [];
  });
}

/** The only one of its kind, or the one of that name. @throws Error when it is not there */
export function only(objects: readonly Json[], kind: string, name?: string): Json {
  const found = objects.filter(
    (object) => object['kind'] === kind && (name === undefined || at(object, 'metadata', 'name') === name),
  );
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} objects ${kind} ${name ?? ''}`);
  return first;
}

/** The pods' spec. */
export function podSpec(deployment: Json): Json {
  return at(deployment, 'spec', 'template', 'spec') as Json;
}

/** Of the operator's container, `run` first. */
export function argumentsOf(deployment: Json): readonly string[] {
  return at(podSpec(deployment), 'containers', 0, 'args') as readonly string[];
}

/** `Kind namespace/name`. */
export function nameOf(object: Json): string {
  const namespace = at(object, 'metadata', 'namespace');
  return `${object['kind']} ${namespace === undefined ? '' : `${namespace}/`}${at(object, 'metadata', 'name')}`;
}
