/** A chart's axes with round numbers, its title, and its legend above it. */

import { type Ink, polyline, rectangle, rule, text } from './svg.ts';

export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Axis {
  readonly label: string;
  readonly most: number;
  /**
   * Makes the axis logarithmic, from here on.
   * @default a linear axis from 0
   */
  readonly logFrom?: number;
  readonly format?: (value: number) => string;
}

export interface LegendEntry {
  readonly ink: Ink;
  readonly label: string;
  /** How it is drawn. */
  readonly mark: 'line' | 'dashes' | 'area';
}

export interface Chart {
  /** Title, legend and axes, to be drawn first. */
  readonly frame: string;
  at(x: number, y: number): readonly [number, number];
}

export interface ChartOptions {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly legend: readonly LegendEntry[];
}

/** What is left of an area for the chart itself. */
const MARGIN = { left: 56, right: 12, bottom: 46, title: 30 };
const LEGEND_ROW = 18;
const LEGEND_ROWS = 3;
const TICK_LENGTH = 4;
const SMALL = 11;
/** Of a character, about; a system's fonts differ. */
const CHARACTER_WIDTH = 6;
const MARK_WIDTH = 16;

export function chart(area: Area, { title, x: xAxis, y: yAxis, legend }: ChartOptions): Chart {
  const left = area.left + MARGIN.left;
  const right = area.left + area.width - MARGIN.right;
  const top = area.top + MARGIN.title + LEGEND_ROWS * LEGEND_ROW;
  const bottom = area.top + area.height - MARGIN.bottom;
  const x = scale(xAxis, left, right);
  const y = scale(yAxis, bottom, top);
  const frame = [
    text(area.left, area.top + 14, title, { size: 14, bold: true }),
    ...legendOf({ ...area, top: area.top + MARGIN.title }, legend),
    ...y.ticks.map((tick) => rule(left, y.at(tick), right, y.at(tick), 'faint')),
    ...y.ticks.map((tick) => text(left - 8, y.at(tick) + 4, y.format(tick), { anchor: 'end', size: SMALL })),
    ...x.ticks.map((tick) => rule(x.at(tick), bottom, x.at(tick), bottom + TICK_LENGTH, 'muted')),
    ...x.ticks.map((tick) => text(x.at(tick), bottom + 18, x.format(tick), { anchor: 'middle', size: SMALL })),
    rule(left, bottom, right, bottom, 'muted'),
    text((left + right) / 2, bottom + 36, xAxis.label, { anchor: 'middle', size: SMALL, ink: 'muted' }),
    text(area.left + 10, (top + bottom) / 2, yAxis.label, { anchor: 'middle', size: SMALL, ink: 'muted', rotate: -90 }),
  ];
  return { frame: frame.join('\n'), at: (valueX, valueY) => [x.at(valueX), y.at(valueY)] };
}

interface Scale {
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
  at(value: number): number;
}

function scale({ most, logFrom, format }: Axis, from: number, to: number): Scale {
  const plain = (value: number) => value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
  const marks = logFrom === undefined ? ticks(most) : decades(logFrom, most);
  const position = logFrom === undefined ? (value: number) => value : (value: number) => Math.log10(value);
  const first = position(marks[0] ?? 0);
  const last = position(marks.at(-1) ?? 1);
  return {
    ticks: marks,
    format: format ?? plain,
    at(value) {
      const bounded = logFrom === undefined ? value : Math.max(value, marks[0] ?? logFrom);
      return from + ((position(bounded) - first) / (last - first)) * (to - from);
    },
  };
}

/** From 0 in four to seven round steps; the last one is `most` or the next above it. */
export function ticks(most: number): readonly number[] {
  const bound = most > 0 && Number.isFinite(most) ? most : 1;
  const rough = bound / 5;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((each) => each >= rough) ?? rough;
  const count = Math.ceil(bound / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

/** Powers of ten, the first one not above `least` and the last one not below `most`. */
export function decades(least: number, most: number): readonly number[] {
  const first = Math.floor(Math.log10(least) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(most) - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, at) => Number((10 ** (first + at)).toPrecision(12)));
}

/** Entries side by side as long as there is room, then in the next row. */
function legendOf(area: Area, entries: readonly LegendEntry[]): readonly string[] {
  let x = area.left;
  let row = 0;
  return entries.map(({ ink, label, mark }) => {
    const width = MARK_WIDTH + 22 + label.length * CHARACTER_WIDTH;
    if (x > area.left && x + width > area.left + area.width) {
      x = area.left;
      row += 1;
    }
    const y = area.top + row * LEGEND_ROW;
    const drawn = `${markOf(mark, x, y, ink)}${text(x + MARK_WIDTH + 6, y + 4, label, { size: SMALL })}`;
    x += width;
    return drawn;
  });
}

function markOf(mark: LegendEntry['mark'], x: number, y: number, ink: Ink): string {
  if (mark === 'area') return rectangle(x, y - 4, MARK_WIDTH, 9, ink);
  const ends = [
    [x, y],
    [x + MARK_WIDTH, y],
  ] as const;
  return polyline(ends, ink, mark === 'dashes' ? '4 3' : '');
}
