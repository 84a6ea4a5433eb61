/** Round times for an axis, and how they read. */
import type { Range } from "./scale.ts";

const SECONDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200];
const DAY = 86_400;

export interface TimeTick {
  /** Seconds since 1970. */
  at: number;
  text: string;
}

/** About as many round times as wanted, where the reader is. */
export function timeTicks([from, to]: Range, wanted: number): TimeTick[] {
  const rough = (to - from) / Math.max(1, wanted);
  if (!(rough > 0)) return [{ at: from, text: told(from, DAY) }];
  const days = Math.max(1, 2 ** Math.ceil(Math.log2(rough / DAY)));
  const step = SECONDS.find((each) => each >= rough) ?? days * DAY;
  // Round where the reader is, whose zone may be off by hours from that of the numbers.
  const zone = new Date(from * 1000).getTimezoneOffset() * 60;
  const ticks: TimeTick[] = [];
  for (let at = Math.ceil((from - zone) / step) * step + zone; at <= to; at += step) ticks.push({ at, text: told(at, step) });
  return ticks;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Only as exact as the steps are. */
function told(at: number, step: number): string {
  const date = new Date(at * 1000);
  const two = (part: number): string => String(part).padStart(2, "0");
  if (step >= DAY) return `${date.getDate()} ${MONTHS[date.getMonth()] ?? ""}`;
  const minute = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return step >= 60 ? minute : `${minute}:${two(date.getSeconds())}`;
}
