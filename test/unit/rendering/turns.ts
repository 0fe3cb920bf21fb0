/** A renderer under virtual time, whose children are no processes. */

import type { Rendered } from '../../../src/ports/renderer.ts';
import { createRenderer, type RendererOptions } from '../../../src/rendering/renderer.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import type { FakeChild } from './fake-child.ts';
import { jobs, NEVER } from './jobs.ts';

/** A renderer whose children are made by `make`, one after the other. */
export function turns(make: () => FakeChild, options: Partial<RendererOptions> = {}) {
  const clock = createVirtualClock();
  const children: FakeChild[] = [];
  const renderer = createRenderer({
    clock,
    startChild() {
      const child = make();
      children.push(child);
      return child;
    },
    ...options,
  });
  /** A rejection is looked at later. */
  const ask = (name: string, signal = NEVER): Promise<readonly Rendered[]> => {
    const asked = renderer.render(jobs({ [name]: '' }), signal);
    asked.catch(() => undefined);
    return asked;
  };
  const servedBy = () => children.map(({ served }) => served.map(({ templates }) => templates[0]?.name));
  return { clock, children, renderer, ask, servedBy };
}
