/** Just enough SVG for charts: text, lines, areas. Colours are classes, so that one picture suits light and dark pages. */

/** `series-0` to `series-6` colour what was measured. */
export type Ink = 'ink' | 'faint' | 'muted' | `series-${number}`;

const FONT = 'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"';
/** Told apart by people who do not see all colours (after Okabe and Ito); the dark ones are lighter of the same hue. */
const LIGHT = {
  page: '#ffffff',
  ink: '#1f2328',
  muted: '#59636e',
  faint: '#d8dee4',
  series: ['#0072b2', '#d55e00', '#009e73', '#b5579a', '#4a9fd0', '#c98a00', '#9aa3ad'],
};
const DARK: typeof LIGHT = {
  page: '#0d1117',
  ink: '#e6edf3',
  muted: '#9198a1',
  faint: '#30363d',
  series: ['#58a6e8', '#ff8b3d', '#2fc39a', '#e08cc8', '#9bd3f5', '#f0b93a', '#6e7681'],
};

export interface TextStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly ink?: Ink;
  readonly bold?: boolean;
  /** In degrees, about its own place. */
  readonly rotate?: number;
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 12, anchor = 'start', ink = 'ink', bold = false, rotate = 0 } = style;
  const turn = rotate === 0 ? '' : ` transform="rotate(${rotate} ${point(x)} ${point(y)})"`;
  const weight = bold ? ' font-weight="600"' : '';
  return `<text class="${ink}-fill" x="${point(x)}" y="${point(y)}" font-size="${size}" text-anchor="${anchor}"${weight}${turn}>${escaped(content)}</text>`;
}

export type Points = readonly (readonly [x: number, y: number])[];

export function polyline(points: Points, ink: Ink, dash = ''): string {
  const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  return `<polyline class="${ink}-line" fill="none" stroke-width="2" stroke-linejoin="round"${dashes} points="${list(points)}"/>`;
}

export function polygon(points: Points, ink: Ink): string {
  return `<polygon class="${ink}-fill" points="${list(points)}"/>`;
}

export function rectangle(x: number, y: number, width: number, height: number, ink: Ink): string {
  return `<rect class="${ink}-fill" x="${point(x)}" y="${point(y)}" width="${point(width)}" height="${point(height)}"/>`;
}

export function rule(x1: number, y1: number, x2: number, y2: number, ink: Ink): string {
  return `<line class="${ink}-line" x1="${point(x1)}" y1="${point(y1)}" x2="${point(x2)}" y2="${point(y2)}"/>`;
}

/** @param title what somebody who does not see it is told */
export function svgDocument(width: number, height: number, title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ${FONT}>
<title>${escaped(title)}</title>
<style>
${styles(LIGHT)}
@media (prefers-color-scheme: dark) {
${styles(DARK)}
}
</style>
<rect class="page" width="${width}" height="${height}" rx="6"/>
${parts.join('\n')}
</svg>
`;
}

function styles({ page, series, ...inks }: typeof LIGHT): string {
  const named = [...Object.entries(inks), ...series.map((color, at) => [`series-${at}`, color] as const)];
  const rules = named.map(([name, color]) => `.${name}-fill{fill:${color}} .${name}-line{stroke:${color}}`);
  return [`.page{fill:${page}}`, ...rules].join('\n');
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
