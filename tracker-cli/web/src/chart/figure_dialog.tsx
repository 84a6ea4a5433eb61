import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { chooseFigure, figureChoice } from "../data/figure_choice.ts";
import { Modal } from "../part/modal.tsx";
import { PRESETS, presetOf, within } from "./figure/choice.ts";
import type { FigureChoice } from "./figure/choice.ts";
import { figureOf } from "./figure/figure.ts";
import type { Shown } from "./figure/figure.ts";
import type { FigureFormat } from "./figure/save.ts";
import { svgOf } from "./figure/svg.ts";

interface FigureDialogProps {
  shown: Shown;
  onSave(format: FigureFormat): void;
  onClose(): void;
}

const FORMATS: readonly FigureFormat[] = ["svg", "pdf", "png"];

/** The size and letters of pictures of charts, with the picture as it will be. What is chosen holds for all charts from then on. */
export function FigureDialog({ shown, onSave, onClose }: FigureDialogProps): JSX.Element {
  const choice = figureChoice.value;
  const change = (fields: Partial<FigureChoice>): void => chooseFigure({ ...choice, ...fields });
  return (
    <Modal name="figure" label="Picture for a paper" onClose={onClose}>
      <div class="figure-dialog">
        <Preview shown={shown} choice={choice} />
        <div class="row wrap">
          <label class="field">
            size
            <select
              data-action="figure-preset"
              value={presetOf(choice)?.name ?? ""}
              onChange={(event) => change(ofPreset(event.currentTarget.value))}
            >
              {PRESETS.map(({ name, text }) => (
                <option key={name} value={name}>
                  {text}
                </option>
              ))}
              <option value="" disabled>
                As typed
              </option>
            </select>
          </label>
          <Length name="width" text="width, mm" choice={choice} onChange={change} />
          <Length name="height" text="height, mm" choice={choice} onChange={change} />
          <Length name="size" text="letters, pt" choice={choice} onChange={change} />
          <label class="field">
            font
            <select
              data-action="figure-font"
              value={choice.font}
              onChange={(event) => change({ font: event.currentTarget.value === "serif" ? "serif" : "sans" })}
            >
              <option value="sans">Helvetica</option>
              <option value="serif">Times</option>
            </select>
          </label>
          <Tick action="figure-title" text="title" on={choice.title} onTurn={(title) => change({ title })} />
          <Tick action="figure-grey" text="can be told apart in grey" on={choice.grey} onTurn={(grey) => change({ grey })} />
        </div>
        <div class="row">
          {FORMATS.map((format) => (
            <button key={format} type="button" class="button small" data-action={`figure-${format}`} onClick={() => onSave(format)}>
              Save as {format.toUpperCase()}
            </button>
          ))}
          <span class="grow" />
          <button type="button" class="button small" data-action="figure-close" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Modal>
  );
}

function ofPreset(name: string): Partial<FigureChoice> {
  const preset = PRESETS.find((each) => each.name === name);
  return preset ? { width: preset.width, height: preset.height, size: preset.size } : {};
}

function Preview({ shown, choice }: { shown: Shown; choice: FigureChoice }): JSX.Element {
  const [address, setAddress] = useState("");
  const svg = useMemo(() => svgOf(figureOf(shown, choice)), [shown, choice]);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [svg]);
  return <div class="figure-preview">{address !== "" && <img src={address} alt={`${shown.title}, as it will be saved`} />}</div>;
}

interface LengthProps {
  name: "width" | "height" | "size";
  text: string;
  choice: FigureChoice;
  onChange(fields: Partial<FigureChoice>): void;
}

/** A length that is typed; what is no length is not taken, and marked. */
function Length({ name, text, choice, onChange }: LengthProps): JSX.Element {
  const [wrong, setWrong] = useState(false);
  const take = (typed: string): void => {
    const value = within(name, typed);
    setWrong(value === null);
    if (value !== null) onChange({ [name]: value });
  };
  return (
    <label class="field">
      {text}
      <input
        type="text"
        inputMode="decimal"
        data-input={`figure-${name}`}
        aria-invalid={wrong}
        value={String(Math.round(choice[name] * 10) / 10)}
        onChange={(event) => take(event.currentTarget.value)}
      />
    </label>
  );
}

function Tick({ action, text, on, onTurn }: { action: string; text: string; on: boolean; onTurn(on: boolean): void }): JSX.Element {
  return (
    <label class="field">
      <input type="checkbox" data-action={action} checked={on} onChange={(event) => onTurn(event.currentTarget.checked)} />
      {text}
    </label>
  );
}
