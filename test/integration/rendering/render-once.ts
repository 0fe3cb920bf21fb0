/** A program that renders one template with the renderer beside it, prints the result and ends. */

import { systemClock } from '../../../src/loop/system-clock.ts';
import { createRenderer } from '../../../src/rendering/renderer.ts';
import { jobs, NEVER, shown } from '../../unit/rendering/jobs.ts';

const renderer = createRenderer({ clock: systemClock });
const source = '{{ .user | upper }} {{ toYaml (list 1) }} {{ sha256sum "a" | trunc 8 }}';
const results = await renderer.render(jobs({ a: source }, { user: 'app' }), NEVER);
process.stdout.write(shown(results).join());
await renderer.close();
