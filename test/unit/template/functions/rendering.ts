/** Templates that call functions, rendered by the whole engine. */

import { compileTemplate, TemplateError, type TemplateLimits } from '../../../../src/template/template.ts';

/** 12 June 2021, 08:30:00 and a bit in UTC. */
const NOW_MS = 1_623_486_600_250;

export interface Given {
  readonly data?: Readonly<Record<string, string | Uint8Array>>;
  readonly limits?: TemplateLimits;
}

function renderedBytes(template: string, { data = {}, limits }: Given = {}): Uint8Array {
  const options = { name: 'k', nowMs: () => NOW_MS };
  const bytes = Object.entries(data).map(([key, value]) => [key, Buffer.from(value)] as const);
  return compileTemplate(template, limits === undefined ? options : { ...options, limits }).render(new Map(bytes));
}

export function rendered(template: string, given?: Given): string {
  return Buffer.from(renderedBytes(template, given)).toString('utf8');
}

/** What the function that failed says, without the engine's account of where. */
export function failure(template: string, given?: Given): string {
  try {
    renderedBytes(template, given);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return error.message.replace(/^.*error calling [^:]*: /s, '');
  }
  throw new Error(`it did not fail: ${template}`);
}
