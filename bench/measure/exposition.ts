/** Reads single series out of Prometheus' text form. */

export type Exposition = (name: string, labels?: Readonly<Record<string, string>>) => number;

/** The sum of the samples of `name` that have those labels; 0 when there are none. */
export function readExposition(text: string): Exposition {
  const lines = text.split('\n');
  return (name, labels = {}) => {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    let sum = 0;
    for (const line of lines) {
      if (!line.startsWith(name)) continue;
      const [, series = '', value = ''] = /^(\S+?(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      const isSeries = series === name || series.startsWith(`${name}{`);
      if (isSeries && wanted.every((label) => series.includes(label))) sum += Number(value);
    }
    return sum;
  };
}
