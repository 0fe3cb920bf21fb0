/** The ConfigMaps and Secrets that hold templates: what is known of them, and what is in them. */

import type { SecretTemplate } from '../api/secret-template.ts';
import {
  type TemplateSource,
  type TemplateSourceRef,
  type TemplateSources,
  type TemplateStanding,
  templateSourceId,
  templateSourcesOf,
} from '../domain/template-sources.ts';
import type { ConfigMaps, SecretMetadata, Secrets, View } from '../ports/cluster.ts';

/** All that is kept of a ConfigMap. */
export interface ConfigMapVersion {
  readonly resourceVersion: string;
}

export interface TemplateObjectsOptions {
  readonly configMaps: ConfigMaps;
  readonly configMapView: View<ConfigMapVersion>;
  readonly secrets: Pick<Secrets, 'read'>;
  readonly secretView: View<SecretMetadata>;
}

/** `Kind/namespace/name` */
export function templateObjectKey({ kind, name }: Pick<TemplateSourceRef, 'kind' | 'name'>, namespace: string): string {
  return `${kind}/${namespace}/${name}`;
}

export class TemplateObjects {
  readonly #options: TemplateObjectsOptions;

  constructor(options: TemplateObjectsOptions) {
    this.#options = options;
  }

  /** From memory. ConfigMaps are watched from the first one on that is referred to. */
  standing({ kind, name }: Pick<TemplateSourceRef, 'kind' | 'name'>, namespace: string): TemplateStanding {
    const view: View<ConfigMapVersion> = kind === 'ConfigMap' ? this.#options.configMapView : this.#options.secretView;
    if (!view.synced) return { kind: 'unknown' };
    const object = view.get(`${namespace}/${name}`);
    return object === undefined ? { kind: 'missing' } : { kind: 'present', resourceVersion: object.resourceVersion };
  }

  /**
   * As they are now; what does not exist is not in it.
   * @throws ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  async read(template: SecretTemplate | undefined, namespace: string, signal: AbortSignal): Promise<TemplateSources> {
    const found = await Promise.all(
      templateSourcesOf(template).map(async (ref): Promise<readonly (readonly [string, TemplateSource])[]> => {
        const reader = ref.kind === 'ConfigMap' ? this.#options.configMaps : this.#options.secrets;
        const source = await reader.read({ namespace, name: ref.name }, signal);
        return source === undefined ? [] : [[templateSourceId(ref), source]];
      }),
    );
    return new Map(found.flat());
  }
}
