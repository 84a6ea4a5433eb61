import type { JSX } from "preact";
import { said, selectedRuns } from "../../data/many.ts";
import type { Run } from "../../data/types.ts";
import { lazy } from "../../part/lazy.tsx";

const ManyBar = lazy("what can be done with these runs", async () => (await import("./many_bar.tsx")).ManyBar, "silently");

/** What can be done with the selected runs, once there are some. */
export function ManyPlace({ listed }: { listed: readonly Run[] }): JSX.Element | null {
  return selectedRuns.value.length > 0 || said.value ? <ManyBar listed={listed} /> : null;
}
