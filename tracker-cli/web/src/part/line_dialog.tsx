import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Line } from "../model/chart_choice.ts";
import { completions } from "../model/formula_completion.ts";
import { formatFormula, readFormula, tellFormula } from "../model/formula_text.ts";
import { Chooser } from "./chooser.tsx";
import type { Choice } from "./chooser.tsx";
import { Modal } from "./modal.tsx";

interface LineDialogProps {
  /** The metrics to choose from. */
  metrics: readonly string[];
  /** Those that formulas may name. */
  known: ReadonlySet<string>;
  onChoose(line: Line): void;
  onClose(): void;
}

const MOST = 100;
const MOST_COMPLETED = 5;

/** Chooses a metric for a chart by a few letters of its name, or takes a formula. */
export function LineDialog({ metrics, known, onChoose, onClose }: LineDialogProps): JSX.Element {
  const choice = (line: Line, title: string, note: string): Choice => ({
    key: `${note} ${line.metric}`,
    title,
    note,
    choose: () => {
      onClose();
      onChoose(line);
    },
  });
  const choices = useMemo(() => metrics.map((metric) => choice({ metric }, metric, "")), [metrics]);
  /** What is one metric's name stands in the list already. */
  const typedChoices = (typed: string): Choice[] | { problem: string } => {
    if (typed.trim() === "" || known.has(typed.trim())) return [];
    const read = readFormula(typed, known);
    const formulas = "problem" in read ? completions(typed, known, MOST_COMPLETED) : [read].filter(({ kind }) => kind !== "metric");
    if ("problem" in read && formulas.length === 0) return read;
    return formulas.map((formula) => choice({ metric: formatFormula(formula), isFormula: true }, tellFormula(formula), "formula"));
  };
  return (
    <Modal name="line" label="Choose a metric" onClose={onClose}>
      <div class="palette">
        <Chooser
          label="Metric or formula"
          placeholder="A metric, or a formula such as train/loss - valid/loss"
          choices={choices}
          most={MOST}
          none="No metric has these letters."
          typedChoices={typedChoices}
        />
        <p class="muted tiny formula-help">
          Formulas: + - * / ( ), <code>exp</code>, <code>log</code>, <code>abs</code>, <code>sqrt</code>, <code>min(a, b)</code>,{" "}
          <code>max(a, b)</code>, <code>x / first(x)</code>; a name with spaces stands in <code>`backticks`</code>.
        </p>
      </div>
    </Modal>
  );
}
