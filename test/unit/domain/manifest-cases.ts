/** Targets that are no Secrets, as they should be and as they are there, for tests. */

import type { SecretTemplate } from '../../../src/api/secret-template.ts';
import { checkManifestTargets, manifestJobs } from '../../../src/domain/manifest-jobs.ts';
import type { GenericTarget } from '../../../src/domain/manifest-kind.ts';
import { ownRoots } from '../../../src/domain/manifest-projection.ts';
import { renderedManifest } from '../../../src/domain/manifest-rendering.ts';
import { manifestShape, wantedPaths } from '../../../src/domain/manifest-target.ts';
import type { CreationPolicy } from '../../../src/domain/target.ts';
import type { ContentOwner, FieldPath, GenericMetadata, GenericObject } from '../../../src/ports/generic-objects.ts';
import { isJsonObject, parseJson, SecretJson } from '../../../src/ports/secret-json.ts';
import { renderedJobs, secretData } from './manifest-renderer.ts';
import { externalSecret, WRITTEN_AT_MS } from './manifests.ts';

export const MANAGER = 'externalsecrets.external-secrets.io/app';

export interface Case {
  readonly policy?: CreationPolicy;
  readonly kind?: string;
  readonly template?: SecretTemplate;
  readonly labels?: Readonly<Record<string, string>>;
}

export function made({ policy = 'Owner', kind = 'ConfigMap', template, labels = {} }: Case) {
  const fetched = secretData({ password: 'new' });
  const target: GenericTarget = {
    creationPolicy: policy,
    manifest: { apiVersion: 'v1', kind },
    ...(template === undefined ? {} : { template }),
  };
  const object = externalSecret({ spec: { target }, metadata: { labels } });
  if (template !== undefined) checkManifestTargets(template);
  const jobs = template === undefined ? [] : manifestJobs(template, new Map());
  const rendered = renderedManifest(target, fetched, jobs, renderedJobs(jobs, fetched));
  const paths = wantedPaths(object, kind, rendered);
  const roots = ownRoots(target);
  return { object, rendered, roots, shape: manifestShape(object, kind, rendered.metadata, paths, 'hash') };
}

export function owner(manager: string, fields: readonly FieldPath[], more: Partial<ContentOwner> = {}): ContentOwner {
  return { manager, changedAtMs: WRITTEN_AT_MS, labels: [], annotations: [], fields, size: fields.length, ...more };
}

export function existing(content: string, metadata: Partial<GenericMetadata> = {}): GenericObject {
  const json = parseJson(content);
  return {
    metadata: {
      namespace: 'team',
      name: 'app',
      uid: 'uid-target',
      resourceVersion: '5',
      deleting: false,
      labels: {},
      annotations: {},
      controller: undefined,
      fieldOwners: [],
      ...metadata,
    },
    content: new SecretJson(isJsonObject(json) ? json : new Map()),
  };
}
