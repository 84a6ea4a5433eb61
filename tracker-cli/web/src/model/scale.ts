/** Ranges, ticks and the search along an axis. */

export type Numbers = ArrayLike<number>;
export type Range = [number, number];

/** The first index whose value is not below `wanted`; `x` ascends. */
export function lowerBound(x: Numbers, wanted: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((x[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the value nearest to `wanted`, the earlier one of two equally near; -1 where there is none. */
export function nearestIndex(x: Numbers, wanted: number): number {
  const after = lowerBound(x, wanted);
  if (after === 0) return x.length > 0 ? 0 : -1;
  if (after === x.length) return x.length - 1;
  const before = after - 1;
  return wanted - (x[before] as number) <= (x[after] as number) - wanted ? before : after;
}

/** The value below which a share of the finite values lies, between neighbours in proportion; NaN of none. */
export function percentile(values: Numbers, share: number): number {
  return sortedPercentile(finiteSorted(values), share);
}

function finiteSorted(values: Numbers): Float64Array {
  return Float64Array.from(values).filter(Number.isFinite).sort();
}

function sortedPercentile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return NaN;
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}

/** The 5th to the 95th percentile: what stays in sight when outliers are clipped. */
export function withoutOutliers(values: Numbers): Range | null {
  const sorted = finiteSorted(values);
  return sorted.length === 0 ? null : [sortedPercentile(sorted, 0.05), sortedPercentile(sorted, 0.95)];
}

/** A range with room at both ends, so that no curve runs along the frame. A single value gets room of its own size. */
export function padded([min, max]: Range, log: boolean, share = 0.05): Range {
  if (log) return paddedLog(min, max, share);
  const room = min === max ? Math.abs(min) * 0.1 || 1 : (max - min) * share;
  return [min - room, max + room];
}

function paddedLog(min: number, max: number, share: number): Range {
  const room = min === max ? 2 : (max / min) ** share;
  return [min / room, max * room];
}

/** Round numbers in a range, about as many as wanted. */
export function linearTicks([min, max]: Range, wanted: number): number[] {
  if (!(max > min)) return [min];
  const step = niceStep((max - min) / Math.max(1, wanted));
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => clean((first + index) * step));
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

/** Without the last digits that adding up leaves behind. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}

/** Powers of ten; 2 and 5 between them where there are few; round numbers within one power. */
export function logTicks([min, max]: Range, wanted: number): number[] {
  if (!(min > 0) || !(max > min)) return [min];
  const decades = Math.log10(max / min);
  if (decades < 1) return linearTicks([min, max], wanted).filter((tick) => tick > 0);
  const every = Math.max(1, Math.ceil(decades / wanted));
  const within = decades * 3 <= wanted ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power += every) {
    for (const digit of within) ticks.push(clean(digit * 10 ** power));
  }
  return ticks.filter((tick) => tick >= min && tick <= max);
}

export function ticks(range: Range, wanted: number, log: boolean): number[] {
  return log ? logTicks(range, wanted) : linearTicks(range, wanted);
}

/** Where a value lies in a range, from 0 to 1 inside it; NaN where a log axis has no place for it. */
export function share(value: number, [min, max]: Range, log: boolean): number {
  if (!log) return (value - min) / (max - min);
  return value > 0 ? Math.log(value / min) / Math.log(max / min) : NaN;
}

/** The least and greatest finite value, of the positive ones where `log`; null of none. */
export function extent(values: Iterable<number>, log: boolean): Range | null {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? [min, max] : null;
}

/** A count with its thousands apart. By hand, because the first `toLocaleString` of a page takes a browser 20 ms. */
export function formatCount(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, " ");
}

const SHORT: readonly [number, string][] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** A tick as short as it can be without saying something else: `1.5k`, `20M`, `1e-5`. */
export function formatTick(value: number, unit?: string): string {
  if (unit === "%") return formatTick(clean(value * 100));
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15))
    return value
      .toExponential(2)
      .replace(/\.?0+e/, "e")
      .replace("e+", "e");
  for (const [unit, letter] of SHORT) {
    if (size >= unit) return `${clean(value / unit)}${letter}`;
  }
  return clean(value).toString();
}
