/** Renders in this process what the operator renders in one of its own: virtual time knows nothing of processes. */

import type { Renderer } from '../../../src/ports/renderer.ts';
import { renderedOf, requestOf } from '../../../src/rendering/render-messages.ts';
import { serveRequest } from '../../../src/rendering/render-request.ts';

export const inlineRenderer: Renderer = {
  async render(jobs, signal) {
    signal.throwIfAborted();
    return jobs.templates.length === 0 ? [] : renderedOf(serveRequest(requestOf(jobs), () => undefined));
  },
  async close() {},
};
