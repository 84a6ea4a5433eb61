import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { setView, view, viewField } from "../data/route.ts";
import { neighbour } from "../model/layout.ts";
import { widthsOf } from "../model/layout_rows.ts";
import type { Placed } from "../model/layout_rows.ts";
import type { LayerFamily } from "../model/layers.ts";
import { BoardChart } from "./board_chart.tsx";
import type { Board } from "./board_chart.tsx";
import { ADDED, PINNED, titleOfKey } from "./board_groups.ts";
import type { Group } from "./board_groups.ts";
import { focusGrip } from "./chart_grip.tsx";
import type { DropPlace } from "./chart_grip.tsx";
import { lazy } from "./lazy.tsx";

/** Watched models have hundreds of metrics: their section opens with the first few. */
export const FIRST = 24;

/** What was moved last, for who does not see it. */
export const moved = signal("");

interface BoardSectionProps {
  group: Group;
  place: Placed;
  board: Board;
  /** Nothing of it is folded, as on paper. */
  whole: boolean;
  /** Its only chart is all that the board shows. */
  tall: boolean;
}

const LayerMaps = lazy("the map of the layers", async () => (await import("./layer_maps.tsx")).LayerMaps);

/** A group of charts under its heading. */
export function BoardSection({ group, place, board, whole, tall }: BoardSectionProps): JSX.Element {
  const { id, title, keys, families } = group;
  const [unfolded, setUnfolded] = useState(false);
  const all = unfolded || whole;
  const isSection = id !== PINNED && id !== ADDED;
  const folded = !whole && isSection && viewField("folded").includes(title);
  const shown = all ? keys : keys.slice(0, FIRST);
  const widths = all
    ? widthsOf(
        keys.map((key) => board.charts.of(key).size.columns),
        board.columns,
      )
    : place.charts;
  return (
    <section
      data-section={isSection ? title : undefined}
      data-added={id === ADDED ? keys.length : undefined}
      data-pinned={id === PINNED ? keys.length : undefined}
      data-group-of-charts={id}
      aria-label={isSection ? undefined : title}
      style={{ gridColumn: `span ${place.tracks}` }}
    >
      {isSection ? (
        <FoldingHead name={title} count={keys.length + layersOf(families)} folded={folded} />
      ) : (
        <PlainHead group={group} board={board} />
      )}
      {!folded && families.length > 0 && <LayerMaps board={board} families={families} section={title} />}
      {!folded && shown.length > 0 && (
        <div class="board-grid" style={{ gridTemplateColumns: `repeat(${place.tracks}, minmax(0, 1fr))` }}>
          {shown.map((key, at) => (
            <BoardChart
              key={key}
              board={board}
              choice={board.charts.of(key)}
              section={isSection ? title : ""}
              tall={tall}
              tracks={widths[at] ?? place.tracks}
              pinned={id === PINNED}
              onStep={(by) => step(board, group, key, by)}
              onDrop={(to) => drop(board, group, key, to)}
            />
          ))}
        </div>
      )}
      {!folded && shown.length < keys.length && (
        <p>
          <button type="button" class="button" data-action="more-charts" onClick={() => setUnfolded(true)}>
            Show all {keys.length}
          </button>
        </p>
      )}
    </section>
  );
}

/** How many metrics stand in the maps. */
function layersOf(families: readonly LayerFamily[]): number {
  return families.reduce((sum, { layers }) => sum + layers.length, 0);
}

function FoldingHead({ name, count, folded }: { name: string; count: number; folded: boolean }): JSX.Element {
  const turn = (): void => setView({ folded: folded ? view.value.folded.filter((each) => each !== name) : [...view.value.folded, name] });
  return (
    <h2>
      <button type="button" class="section-head" aria-expanded={!folded} onClick={turn}>
        <span class="turn" aria-hidden="true">
          {folded ? "▸" : "▾"}
        </span>
        {name}
        <span class="muted tiny">{count}</span>
      </button>
    </h2>
  );
}

function PlainHead({ group: { id, title }, board: { layout } }: { group: Group; board: Board }): JSX.Element {
  return (
    <h2 class="section-head">
      {title}
      {id === PINNED && layout.isUsual && <span class="muted tiny">losses and accuracies, until you pin others</span>}
    </h2>
  );
}

/** Moves a chart by one place within its group. */
function step({ layout, charts }: Board, { id, keys, all }: Group, key: string, by: -1 | 1): void {
  const before = neighbour(keys, key, by);
  if (before === undefined) return;
  if (id === PINNED) layout.pin(key, before);
  else layout.move(all, key, before);
  moved.value = `${titleOfKey(key, charts.all)} is number ${keys.indexOf(key) + by + 1} of ${keys.length}`;
  focusGrip(key);
}

/** Where a chart was dragged to: among its own, onto the top row, or from there back. Elsewhere it cannot stand. */
function drop({ layout, charts }: Board, { id, all }: Group, key: string, { group, before }: DropPlace): void {
  if (group === PINNED) layout.pin(key, before);
  else if (id === PINNED) layout.unpin(key);
  else if (group === id) layout.move(all, key, before);
  else return;
  moved.value = `${titleOfKey(key, charts.all)} was moved`;
}
