/** The straight line that fits best through points (least squares), and how far one can trust it. */

export interface Trend {
  /** Change of y for each unit of x. */
  readonly slope: number;
  /** The slope is within this of the true one with 95% probability, if the points lie about the line by chance. */
  readonly slopeError: number;
  /** Standard deviation of the points about the line. */
  readonly spread: number;
  /** Where the line is at `x`. */
  at(x: number): number;
}

/** Two standard errors. */
const STANDARD_ERRORS = 2;

/** Caches and heap spaces grow to their size in the first part of a measurement. */
const WARM_UP_SHARE = 1 / 3;

/** The last two thirds of samples, which a trend of memory is made of. */
export function afterWarmUp<T>(samples: readonly T[]): readonly T[] {
  return samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
}

/** NaN throughout for fewer than three points. */
export function trendOf(points: readonly (readonly [x: number, y: number])[]): Trend {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const meanX = mean(([x]) => x);
  const meanY = mean(([, y]) => y);
  const squares = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / squares;
  const at = (x: number) => meanY + slope * (x - meanX);
  const left = points.reduce((sum, [x, y]) => sum + (y - at(x)) ** 2, 0);
  const spread = points.length < 3 ? Number.NaN : Math.sqrt(left / (points.length - 2));
  return {
    slope: points.length < 3 ? Number.NaN : slope,
    slopeError: (STANDARD_ERRORS * spread) / Math.sqrt(squares),
    spread,
    at,
  };
}
