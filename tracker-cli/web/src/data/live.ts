/**
 * The stream of what happens in the store. It is closed while the tab is hidden, because a browser
 * allows six connections to one server, and what was missed is fetched when the tab is back.
 */
import { signal } from "@preact/signals";
import { atBase } from "./base.ts";
import { saved } from "./saved.ts";
import { refresh, revision } from "./state.ts";

export type Connection = "connecting" | "live" | "lost" | "paused" | "saved";
export const connection = signal<Connection>("connecting");

/** Runs come in bursts: one fetch a burst is enough. */
const GATHER_MS = 200;
/** New points change the list only in its numbers, which nobody reads faster; charts do not wait for it. */
const NUMBERS_MS = 2000;
const LONGEST_RETRY_MS = 10_000;

let project: string | null = null;
let source: EventSource | null = null;
let retry: ReturnType<typeof setTimeout> | undefined;
let gathered: { timer: ReturnType<typeof setTimeout>; due: number } | null = null;
let failures = 0;
let started = false;

/** Follows a project, or the whole store. */
export function follow(next: string | null): void {
  project = next;
  if (saved) {
    connection.value = "saved";
    void refresh(project);
    return;
  }
  if (!started) document.addEventListener("visibilitychange", () => (document.hidden ? pause() : open()));
  started = true;
  if (document.hidden) pause();
  else open();
}

function pause(): void {
  close();
  connection.value = "paused";
}

function close(): void {
  clearTimeout(retry);
  source?.close();
  source = null;
}

/** Everything is fetched at each greeting: it tells that something may have been missed. */
function open(): void {
  close();
  const path = project === null ? "/api/v1/live" : `/api/v1/live?project=${encodeURIComponent(project)}`;
  const opened = new EventSource(atBase(path));
  source = opened;
  opened.addEventListener("hello", () => {
    failures = 0;
    connection.value = "live";
    fetchAll();
  });
  opened.addEventListener("runs", () => gather(GATHER_MS));
  opened.addEventListener("points", () => {
    revision.value += 1;
    gather(NUMBERS_MS);
  });
  opened.addEventListener("error", () => lose(opened));
}

/** Retries are ours and not the browser's, which gives up for good after some kinds of failure. */
function lose(lost: EventSource): void {
  if (lost !== source) return;
  close();
  connection.value = "lost";
  failures += 1;
  void refresh(project);
  retry = setTimeout(open, Math.min(1000 * 2 ** (failures - 1), LONGEST_RETRY_MS));
}

/** One fetch for all that happens until it is due; what is more urgent brings it forward. */
function gather(wait: number): void {
  const due = performance.now() + wait;
  if (gathered && gathered.due <= due) return;
  if (gathered) clearTimeout(gathered.timer);
  gathered = { due, timer: setTimeout(fetchGathered, wait) };
}

function fetchGathered(): void {
  gathered = null;
  void refresh(project);
}

function fetchAll(): void {
  revision.value += 1;
  void refresh(project);
}
