import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useWidth } from "../chart/use_width.ts";
import { forest } from "../model/forest.ts";
import type { ForestMark, ForestRow } from "../model/forest.ts";
import { oneLine } from "../model/safe_text.ts";

export interface ForestPlotRow extends ForestRow {
  /** The difference in words, with its interval. */
  text: string;
  tone: "good" | "bad" | "none";
}

interface ForestPlotProps {
  rows: readonly ForestPlotRow[];
  /** What is drawn, for those who hear it. */
  label: string;
  /** What lies on either side of the line of no difference. */
  sides: readonly [left: string, right: string];
  tick(value: number): string;
}

const ROW = 26;
const HEAD = 22;
const FOOT = 22;
/** A letter of the page's small text, so that names and numbers get the room that they need and no more. */
const LETTER = 6.6;

/** Each difference with its interval along one axis, and the line of no difference. */
export function ForestPlot({ rows, label, sides, tick }: ForestPlotProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box, 640);
  const names = room(
    rows.map((row) => oneLine(row.label)),
    width * 0.25,
  );
  const texts = room(
    rows.map(({ text }) => text),
    width * 0.35,
  );
  const [left, across] = [names, Math.max(60, width - names - texts)];
  const { zero, ticks, marks } = forest(rows, Math.max(2, Math.floor(across / 90)));
  const height = HEAD + rows.length * ROW + FOOT;
  const x = (share: number): number => left + share * across;
  const bottom = height - FOOT;
  return (
    <div ref={box} class="forest">
      <svg width={width} height={height} role="img" aria-label={label} data-forest={rows.length}>
        {ticks.map(({ at, value }) => (
          <g key={value}>
            <line class="forest-grid" x1={x(at)} x2={x(at)} y1={HEAD} y2={bottom} />
            <text class="forest-tick" x={x(at)} y={bottom + 14} text-anchor="middle">
              {tick(value)}
            </text>
          </g>
        ))}
        <line class="forest-zero" x1={x(zero)} x2={x(zero)} y1={HEAD - 6} y2={bottom} />
        <text class="forest-tick" x={x(zero) - 6} y={12} text-anchor="end">
          {x(zero) - left > sides[0].length * LETTER ? sides[0] : ""}
        </text>
        <text class="forest-tick" x={x(zero) + 6} y={12}>
          {left + across - x(zero) > sides[1].length * LETTER ? sides[1] : ""}
        </text>
        {rows.map((row, at) => (
          <g key={row.label} class={`forest-row ${row.tone}`} data-row={row.label}>
            <title>{`${oneLine(row.label)}: ${row.text}`}</title>
            <text x={0} y={middle(at) + 4}>
              {cut(oneLine(row.label), names)}
            </text>
            <Mark mark={marks[at] ?? null} x={x} y={middle(at)} />
            <text class="forest-value" x={width} y={middle(at) + 4} text-anchor="end">
              {cut(row.text, texts)}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

function Mark({ mark, x, y }: { mark: ForestMark | null; x: (share: number) => number; y: number }): JSX.Element | null {
  if (!mark) return null;
  return (
    <>
      <line class="forest-interval" x1={x(mark.from)} x2={x(mark.to)} y1={y} y2={y} />
      {[mark.from, mark.to].map((end) => (
        <line key={end} class="forest-interval" x1={x(end)} x2={x(end)} y1={y - 4} y2={y + 4} />
      ))}
      <rect class="forest-mean" x={x(mark.at) - 4} y={y - 4} width={8} height={8} />
    </>
  );
}

function middle(row: number): number {
  return HEAD + (row + 0.5) * ROW;
}

function room(texts: readonly string[], most: number): number {
  return Math.min(Math.max(0, ...texts.map((text) => text.length)) * LETTER + 16, most);
}

function cut(text: string, width: number): string {
  const letters = Math.max(1, Math.floor((width - 12) / LETTER));
  return text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
}
