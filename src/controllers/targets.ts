/** Chooses what the target of an ExternalSecret is: from here on nobody asks again. */

import { genericTargetOf } from '../domain/manifest-kind.ts';
import type { Clock } from '../ports/clock.ts';
import type { SecretMetadata, Secrets, View } from '../ports/cluster.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type ManifestTargetOptions, ManifestTargets } from './manifest-target.ts';
import { OwnWrites } from './own-writes.ts';
import { secretTarget } from './secret-target.ts';
import type { Targets } from './target.ts';
import { createTargetWriter } from './target-writer.ts';

export interface TargetsOptions extends ManifestTargetOptions {
  readonly secrets: Secrets;
  readonly secretView: View<SecretMetadata>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export function createTargets(options: TargetsOptions): Targets {
  const { secrets, secretView: view, clock, metrics } = options;
  const writer = createTargetWriter({ secrets, view, targets: new OwnWrites(view, clock), metrics });
  const manifests = new ManifestTargets(options);
  const { renderer, templates } = options;
  const ofSecrets = { writer, renderer, templates };
  return {
    async open(user, externalSecret, isServed, signal) {
      const generic = genericTargetOf(externalSecret.spec);
      if (generic === undefined) {
        manifests.release(user);
        return secretTarget(externalSecret, ofSecrets);
      }
      return isServed() ? await manifests.open(user, externalSecret, generic, signal) : undefined;
    },
    release: (user) => manifests.release(user),
  };
}
