/** A program that renders and tells who does: on a line of its own, the child's pid. `idle` leaves the child without work. */

import { systemClock } from '../../../src/loop/system-clock.ts';
import { startRenderChild } from '../../../src/rendering/render-child.ts';
import { createRenderer } from '../../../src/rendering/renderer.ts';
import { ENDLESS, jobs, NEVER } from '../../unit/rendering/jobs.ts';

const [work, entry = ''] = process.argv.slice(2);
let pid: number | undefined;
const renderer = createRenderer({
  clock: systemClock,
  startChild(limits) {
    const child = startRenderChild({ ...limits, entry });
    pid = child.pid;
    return child;
  },
});
await renderer.render(jobs({ a: '' }), NEVER);
if (work === 'busy') void renderer.render(ENDLESS, NEVER);
process.stdout.write(`${pid}\n`);
