/** The plot of results: rotation latencies, speed of the first sync, who used the cores meanwhile, memory. */

import { describeMachine } from '../measure/machine.ts';
import type { Area } from './chart.ts';
import { coresPanel, latencyPanel, memoryPanel, speedPanel } from './panels.ts';
import { describeLoad, whenOf } from './readme-block.ts';
import type { Results } from './results.ts';
import { svgDocument, text } from './svg.ts';

const WIDTH = 960;
const MARGIN = 24;
const GUTTER = 32;
const HEADER_HEIGHT = 108;
const PANEL_HEIGHT = 326;
const COLUMNS = 2;

const PANELS = [latencyPanel, speedPanel, coresPanel, memoryPanel] as const;

export function drawPlot(results: Results): string {
  const panels: string[] = [];
  for (const panel of PANELS) {
    const drawn = panel(results, areaOf(panels.length));
    if (drawn !== undefined) panels.push(drawn);
  }
  const height = HEADER_HEIGHT + Math.ceil(panels.length / COLUMNS) * PANEL_HEIGHT;
  const title = `Benchmark of Keyturn with ${describeLoad(results)}`;
  return svgDocument(WIDTH, height, title, [header(results), ...panels]);
}

function areaOf(at: number): Area {
  const width = (WIDTH - 2 * MARGIN - GUTTER) / COLUMNS;
  return {
    left: MARGIN + (at % COLUMNS) * (width + GUTTER),
    top: HEADER_HEIGHT + Math.floor(at / COLUMNS) * PANEL_HEIGHT,
    width,
    height: PANEL_HEIGHT - 16,
  };
}

function header(results: Results): string {
  const small = { size: 11, ink: 'muted' } as const;
  const sharers = 'shared by API server, etcd, AWS stand-in, bench and operator';
  return [
    text(MARGIN, 30, 'Keyturn: benchmark', { size: 18, bold: true }),
    text(MARGIN, 50, describeLoad(results), { size: 13 }),
    text(MARGIN, 68, `${describeMachine(results.machine)}; ${sharers}`, small),
    text(MARGIN, 84, `measured ${whenOf(results.phases)}`, small),
  ].join('\n');
}
