/** A target that is a Secret. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { type RenderedTarget, renderedTarget } from '../domain/render.ts';
import { type RenderJob, renderJobs } from '../domain/render-plan.ts';
import { targetKeyOf, targetShape } from '../domain/target.ts';
import { dataHash } from '../domain/upstream-hash.ts';
import { withVersionMark } from '../domain/version-mark.ts';
import type { SecretData } from '../ports/secret-value.ts';
import { orphansOf } from './orphans.ts';
import { type RenderOptions, type RenderRules, renderTarget } from './render-target.ts';
import type { Target } from './target.ts';
import type { TargetWriter } from './target-writer.ts';

interface SecretTargetOptions extends RenderOptions {
  readonly writer: TargetWriter;
}

function rulesOf({ spec }: ExternalSecret, fetched: SecretData): RenderRules<RenderJob, RenderedTarget | undefined> {
  const template = spec.target?.template;
  return {
    template,
    jobs: (sources) => (template === undefined ? [] : renderJobs(template, sources)),
    contentOf: (jobs, results) => template && renderedTarget(template, fetched, jobs, results),
  };
}

export function secretTarget(externalSecret: ExternalSecret, options: SecretTargetOptions): Target {
  const { writer } = options;
  const key = targetKeyOf(externalSecret);
  return {
    current: () => writer.current(key),
    // All Secrets are watched.
    lookAgainMs: undefined,
    async render(fetched, signal) {
      const outcome = await renderTarget(externalSecret, rulesOf(externalSecret, fetched), fetched, options, signal);
      if (outcome.kind === 'failed') return outcome;
      const data = outcome.content?.data ?? fetched;
      const keys = [...data.keys()];
      return {
        kind: 'rendered',
        keys,
        told: keys,
        templates: outcome.versions,
        dataHash: () => dataHash(data),
        async write({ sourceHash, type, version }, writeSignal) {
          const plain = targetShape(externalSecret, keys, sourceHash, outcome.content);
          const shape = withVersionMark(externalSecret, { ...plain, type: plain.type ?? type }, version);
          return { ...(await writer.write(shape, data, writeSignal)), keys };
        },
      };
    },
    mark: async (shape, signal) => ({ ...(await writer.mark(shape, signal)), keys: shape.keys }),
    inspect: (target, signal) => writer.inspect(target, signal),
    delete: (target, signal) => writer.delete(target, signal),
    orphans: (status) => orphansOf(externalSecret, status, writer),
  };
}
