/** Just enough SVG for charts: text, lines, areas, and axes with round numbers. */

const FONT = 'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"';
const INK = '#1f2933';
const FAINT = '#d5dbe1';
const TICK_LENGTH = 4;

export interface TextStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly color?: string;
  readonly bold?: boolean;
  /** In degrees, about its own place. */
  readonly rotate?: number;
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 12, anchor = 'start', color = INK, bold = false, rotate = 0 } = style;
  const turn = rotate === 0 ? '' : ` transform="rotate(${rotate} ${point(x)} ${point(y)})"`;
  const weight = bold ? ' font-weight="600"' : '';
  return `<text x="${point(x)}" y="${point(y)}" font-size="${size}" text-anchor="${anchor}" fill="${color}"${weight}${turn}>${escaped(content)}</text>`;
}

export type Points = readonly (readonly [x: number, y: number])[];

export function polyline(points: Points, color: string, dash = ''): string {
  const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  return `<polyline fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round"${dashes} points="${list(points)}"/>`;
}

export function polygon(points: Points, color: string): string {
  return `<polygon fill="${color}" points="${list(points)}"/>`;
}

export function rectangle(x: number, y: number, width: number, height: number, color: string): string {
  return `<rect x="${point(x)}" y="${point(y)}" width="${point(width)}" height="${point(height)}" fill="${color}"/>`;
}

function rule(x1: number, y1: number, x2: number, y2: number, color: string): string {
  return `<line x1="${point(x1)}" y1="${point(y1)}" x2="${point(x2)}" y2="${point(y2)}" stroke="${color}"/>`;
}

export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Axis {
  readonly label: string;
  /** It begins at 0. */
  readonly most: number;
  readonly format?: (value: number) => string;
}

export interface Chart {
  /** Background and axes, to be drawn first. */
  readonly frame: string;
  at(x: number, y: number): readonly [number, number];
}

export function chart(area: Area, title: string, xAxis: Axis, yAxis: Axis): Chart {
  const { left, top, width, height } = area;
  const bottom = top + height;
  const xTicks = ticks(xAxis.most);
  const yTicks = ticks(yAxis.most);
  const xMost = xTicks.at(-1) ?? 1;
  const yMost = yTicks.at(-1) ?? 1;
  const x = (value: number) => left + (value / xMost) * width;
  const y = (value: number) => bottom - (value / yMost) * height;
  const plain = (value: number) => value.toLocaleString('en-US');
  const frame = [
    text(left, top - 14, title, { size: 14, bold: true }),
    ...yTicks.map((tick) => rule(left, y(tick), left + width, y(tick), FAINT)),
    ...yTicks.map((tick) => text(left - 8, y(tick) + 4, (yAxis.format ?? plain)(tick), { anchor: 'end', size: 11 })),
    ...xTicks.map((tick) => rule(x(tick), bottom, x(tick), bottom + TICK_LENGTH, INK)),
    ...xTicks.map((tick) => text(x(tick), bottom + 18, (xAxis.format ?? plain)(tick), { anchor: 'middle', size: 11 })),
    rule(left, bottom, left + width, bottom, INK),
    text(left + width / 2, bottom + 36, xAxis.label, { anchor: 'middle' }),
    text(left - 52, top + height / 2, yAxis.label, { anchor: 'middle', rotate: -90 }),
  ];
  return { frame: frame.join('\n'), at: (valueX, valueY) => [x(valueX), y(valueY)] };
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

/** @param title what somebody who does not see it is told */
export function svgDocument(width: number, height: number, title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ${FONT}>
<title>${escaped(title)}</title>
${rectangle(0, 0, width, height, '#ffffff')}
${parts.join('\n')}
</svg>
`;
}

function list(points: Points): string {
  return points.map(([x, y]) => `${point(x)},${point(y)}`).join(' ');
}

function point(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
