/**
 * How wide charts are: a row has twelve tracks, so that one, two, three or four charts fill it, and small
 * sections share one. Widths of charts are in columns, as many as the window has room for.
 */

export const TRACKS = 12;
export const MOST_COLUMNS = 4;
const GAP = 12;
/** A chart needs this many pixels, and on a wide screen a share of it: nobody compares five beside each other. */
const [LEAST_WIDTH, LEAST_SHARE] = [304, 0.23];

/** How many charts stand beside each other in a window of this width. */
export function columnsIn(width: number): number {
  const least = Math.max(LEAST_WIDTH, width * LEAST_SHARE);
  return Math.min(Math.max(Math.floor((width + GAP) / (least + GAP)), 1), MOST_COLUMNS);
}

/** A section: for each chart the columns that somebody gave it, 0 where nobody did. */
export interface Block {
  name: string;
  own: readonly number[];
  /** Stands alone and in its place, such as one that is folded, or one that is read last. */
  alone?: boolean;
}

/** A section in its place. */
export interface Placed {
  name: string;
  /** Its own tracks, and those of each chart. */
  tracks: number;
  charts: number[];
}

/**
 * The sections in rows, none of which is left half empty. Small ones that follow are drawn up to fill a row;
 * none goes past one that stands alone.
 */
export function placed(blocks: readonly Block[], columns: number): Placed[] {
  const left = [...blocks];
  const out: Placed[] = [];
  for (let first = left.shift(); first; first = left.shift()) {
    const row = isSmall(first, columns) ? [first, ...takeFitting(left, columns - sizeOf(first), columns)] : [first];
    if (row.length === 1) out.push({ name: first.name, tracks: TRACKS, charts: widthsOf(first.own, columns) });
    else out.push(...shared(row, columns));
  }
  return out;
}

function isSmall({ own, alone }: Block, columns: number): boolean {
  return alone !== true && own.length > 0 && sizeOf({ own }) < columns;
}

function sizeOf({ own }: Pick<Block, "own">): number {
  return own.reduce((sum, width) => sum + Math.max(width, 1), 0);
}

/** Takes those out of the list that the row has room for. */
function takeFitting(list: Block[], room: number, columns: number): Block[] {
  const taken: Block[] = [];
  for (let at = 0; at < list.length && room > 0 && list[at]?.alone !== true; at += 1) {
    const block = list[at] as Block;
    if (!isSmall(block, columns) || sizeOf(block) > room) continue;
    room -= sizeOf(block);
    taken.push(block);
    list.splice(at, 1);
    at -= 1;
  }
  return taken;
}

/** Several sections as one row. */
function shared(row: readonly Block[], columns: number): Placed[] {
  const widths = rowWidths(
    row.flatMap(({ own }) => own),
    columns,
    true,
  );
  let at = 0;
  return row.map(({ name, own }) => {
    const charts = widths.slice(at, (at += own.length));
    return { name, tracks: charts.reduce((sum, width) => sum + width, 0), charts };
  });
}

/**
 * The tracks of each chart of a section, row by row. Few charts are shared out evenly over their rows; of many,
 * the last row is left as it is, because they are compared down the page.
 */
export function widthsOf(own: readonly number[], columns: number): number[] {
  const few = own.length <= 2 * columns;
  const rows = few && own.every((width) => width === 0) ? evenRows(own, columns) : fullRows(own, columns);
  return rows.flatMap((row, at) => rowWidths(row, columns, few || at < rows.length - 1));
}

function evenRows(own: readonly number[], columns: number): number[][] {
  const count = Math.ceil(own.length / columns);
  const rows: number[][] = [];
  for (let at = 0; at < own.length; ) {
    const length = Math.ceil((own.length - at) / (count - rows.length));
    rows.push(own.slice(at, at + length));
    at += length;
  }
  return rows;
}

function fullRows(own: readonly number[], columns: number): number[][] {
  const rows: number[][] = [];
  let room = 0;
  for (const width of own) {
    const wanted = Math.min(Math.max(width, 1), columns);
    if (wanted > room) {
      rows.push([]);
      room = columns;
    }
    rows.at(-1)?.push(width);
    room -= wanted;
  }
  return rows;
}

/** The tracks of the charts of one row. Those to which nobody gave a width take what is left, if it is to be filled. */
function rowWidths(own: readonly number[], columns: number, fill: boolean): number[] {
  const unit = TRACKS / columns;
  const given = (width: number): number => Math.min(width, columns) * unit;
  const free = own.filter((width) => width === 0).length;
  const left = TRACKS - own.reduce((sum, width) => sum + given(width), 0);
  const each = fill && free > 0 ? Math.floor(left / free) : unit;
  let over = fill && free > 0 ? left - each * free : 0;
  return own.map((width) => {
    if (width > 0) return given(width);
    const more = over > 0 ? 1 : 0;
    over -= more;
    return each + more;
  });
}
