import type { JSX } from "preact";
import { closeDialog } from "./dialogs.tsx";
import { useFocus } from "./use_focus.ts";

const KEYS: readonly [keys: string[], what: string][] = [
  [["/"], "search the runs"],
  [["Ctrl", "K"], "go to a project, a run or an action"],
  [["Ctrl", "P"], "print, with all charts drawn"],
  [["f"], "the chart under the pointer on the full screen; again or Esc to leave"],
  [["t"], "dark or light"],
  [["↑", "↓"], "from run to run in the list and the table; ← → between tabs"],
  [["?"], "this list"],
  [["Esc"], "close what lies above the page"],
];

export function Help(): JSX.Element {
  const close = useFocus<HTMLButtonElement>();
  return (
    <div class="help">
      <div class="row">
        <h2 class="grow">Keys</h2>
        <button ref={close} type="button" class="button plain" aria-label="Close" title="Close (Esc)" onClick={closeDialog}>
          ✕
        </button>
      </div>
      <dl>
        {KEYS.map(([keys, what]) => (
          <>
            <dt class="row">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <h2>Runs</h2>
      <dl>
        <dt>click a dot</dt>
        <dd>draw the run, or take its curves away</dd>
        <dt>Alt + click a dot</dt>
        <dd>draw this run alone; once more for the usual ones</dd>
      </dl>
      <h2>Charts</h2>
      <dl>
        <dt>drag</dt>
        <dd>zoom; more points are fetched, down to each logged one</dd>
        <dt>double click</dt>
        <dd>the whole curve again</dd>
        <dt>click, or ← → Enter</dt>
        <dd>what was there at that step</dd>
        <dt>▲ ▼ at the frame</dt>
        <dd>values that are NaN or infinite, as far as the bar goes</dd>
      </dl>
      <h2>Search</h2>
      <dl class="wide">
        <dt>
          <code>otter</code>
        </dt>
        <dd>in names, tags, notes and ids</dd>
        <dt>
          <code>/seed-[0-3]/</code>
        </dt>
        <dd>a regular expression over names</dd>
        <dt>
          <code>lr &lt; 0.01 and state = finished</code>
        </dt>
        <dd>
          config, results and facts; also <code>or</code>, <code>not</code>, <code>~</code>, <code>( )</code>
        </dd>
        <dt>↓ and Enter</dt>
        <dd>take what is offered as one types: fields, signs, and the values that runs have</dd>
        <dt>
          <code>diverged = true</code>
        </dt>
        <dd>runs with a metric that ended in NaN or infinity</dd>
        <dt>
          <code>alerts &gt; 0</code>
        </dt>
        <dd>runs that somebody should look at</dd>
      </dl>
    </div>
  );
}
