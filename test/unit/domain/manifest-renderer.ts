/** Templates of targets that are no Secrets, rendered by the real engine. */

import type { ManifestJob } from '../../../src/domain/manifest-jobs.ts';
import type { Rendered } from '../../../src/ports/renderer.ts';
import { type SecretData, SecretValue } from '../../../src/ports/secret-value.ts';
import { renderedOf, requestOf } from '../../../src/rendering/render-messages.ts';
import { serveRequest } from '../../../src/rendering/render-request.ts';

export function secretData(texts: Readonly<Record<string, string>>): SecretData {
  return new Map(Object.entries(texts).map(([key, text]) => [key, SecretValue.fromText(text)]));
}

export function renderedJobs(templates: readonly ManifestJob[], data: SecretData): readonly Rendered[] {
  return renderedOf(serveRequest(requestOf({ subject: 'team/app', templates, data }), () => undefined));
}
