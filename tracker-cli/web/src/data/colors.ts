import { computed } from "@preact/signals";
import { runColors } from "../model/palette.ts";
import { runs } from "./state.ts";
import { dark } from "./theme.ts";

/** The colour of each fetched run, the same on every page that follows the same project. */
export const colors = computed(() => runColors((runs.value ?? []).map((run) => run.id).sort(), dark.value));
