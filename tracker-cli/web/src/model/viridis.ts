/** Viridis: colours of even steps for every eye, also where they are printed in grey. */

const STOPS = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 73, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
] as const;

/** What is not finite has a colour that the scale has not. */
export const BROKEN = [213, 45, 85] as const;

/** Red, green and blue of a share from 0 to 1. */
export function viridis(share: number): readonly [number, number, number] {
  const place = Math.max(0, Math.min(1, share)) * (STOPS.length - 1);
  const at = Math.min(STOPS.length - 2, Math.floor(place));
  const [low, high] = [STOPS[at] as readonly number[], STOPS[at + 1] as readonly number[]];
  const mixed = (part: number): number =>
    Math.round((low[part] as number) + ((high[part] as number) - (low[part] as number)) * (place - at));
  return [mixed(0), mixed(1), mixed(2)];
}
