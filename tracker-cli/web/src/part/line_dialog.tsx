import type { JSX } from "preact";
import type { Line } from "../model/chart_choice.ts";
import { Chooser } from "./chooser.tsx";
import { Modal } from "./modal.tsx";

interface LineDialogProps {
  /** The metrics to choose from. */
  metrics: readonly string[];
  onChoose(line: Line): void;
  onClose(): void;
}

const MOST = 100;

/** Chooses a metric for a chart, by a few letters of its name. */
export function LineDialog({ metrics, onChoose, onClose }: LineDialogProps): JSX.Element {
  const choices = metrics.map((metric) => ({
    key: metric,
    title: metric,
    note: "",
    choose: () => {
      onClose();
      onChoose({ metric });
    },
  }));
  return (
    <Modal name="line" label="Choose a metric" onClose={onClose}>
      <div class="palette">
        <Chooser label="Metric" placeholder="A metric" choices={choices} most={MOST} none="No metric has these letters." />
      </div>
    </Modal>
  );
}
