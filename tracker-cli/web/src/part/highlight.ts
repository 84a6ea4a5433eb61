import { signal } from "@preact/signals";

/** The run under the pointer, in a list or a chart: it stands out everywhere. */
export const highlight = signal<string | null>(null);
