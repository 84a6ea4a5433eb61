import type { JSX } from "preact";
import manifest from "../../../../docs/first/Cargo.toml.txt?raw";
import program from "../../../../examples/hello/src/main.rs?raw";

/** A whole first program, out of the files that the README shows and that are compiled and run in each check. */
export function FirstLines(): JSX.Element {
  return (
    <>
      <h2>In Cargo.toml</h2>
      <pre data-first="manifest">{manifest.trim()}</pre>
      <h2>In src/main.rs</h2>
      <pre data-first="program">{program.trim()}</pre>
      <p>
        Trainings of Burn and of Candle log themselves: with <code>burn-callback</code> or <code>candle-hooks</code> in place of{" "}
        <code>tracker-core</code>.
      </p>
    </>
  );
}
