import type { JSX } from "preact";
import { setView, view } from "../data/route.ts";
import type { View } from "../model/url_state.ts";

/** Which messages have a tick at their step; alerts, knobs and forks have one too, unless there are none at all. */
export function MarksChoice(): JSX.Element {
  return (
    <label class="field" title="Ticks for messages, alerts, knobs that were turned and forks">
      marks
      <select
        data-action="marks"
        value={view.value.marks}
        onChange={(event) => setView({ marks: event.currentTarget.value as View["marks"] })}
      >
        <option value="warnings">warnings</option>
        <option value="all">all messages</option>
        <option value="none">none</option>
      </select>
    </label>
  );
}
