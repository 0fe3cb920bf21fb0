/** What `dataFrom[].rewrite` needs beside its data: the template engine, which is loaded when a rewrite has a template. */

import type { Reference } from '../domain/references.ts';
import type { RewriteTools } from '../domain/rewrite.ts';
import { InvalidSecretContent, InvalidSpec } from '../ports/errors.ts';

/** A template that makes a key of a key is small: what needs more than this is a mistake or an attack. */
const LIMITS = { steps: 20_000, bytes: 64 * 1024, depth: 20 };

async function transforms(): Promise<RewriteTools['compileTransform']> {
  const { compileTemplate, TemplateError } = await import('../template/template.ts');
  function attempt<T>(work: () => T, Failure: typeof InvalidSpec | typeof InvalidSecretContent): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof TemplateError) throw new Failure(`the template of transform fails: ${error.message}`);
      throw error;
    }
  }
  return (source) => {
    const template = attempt(
      () => compileTemplate(source, { name: 'transform', missingKey: 'default', limits: LIMITS }),
      InvalidSpec,
    );
    return (key) => {
      const data = new Map([['value', Buffer.from(key)]]);
      return Buffer.from(attempt(() => template.render(data), InvalidSecretContent)).toString('utf8');
    };
  };
}

function noTransforms(): never {
  throw new Error('a transform among rewrites that have none');
}

export async function rewriteTools(references: readonly Reference[]): Promise<RewriteTools> {
  const hasTransform = references.some(({ rewrite }) => rewrite.some(({ transform }) => transform !== undefined));
  return {
    compileTransform: hasTransform ? await transforms() : noTransforms,
    elapsedMs: () => performance.now(),
  };
}
