import type { ComponentChildren, JSX } from "preact";
import { HistogramOverTime } from "../chart/index.ts";
import { atBase } from "../data/base.ts";
import type { Artifact, Said, StepAt } from "../data/types.ts";
import { formatBytes, formatNumber, numberOf } from "../model/format.ts";
import type { Look } from "../model/palette.ts";
import { oneLine, withoutEscapes } from "../model/safe_text.ts";
import { FlightMaps } from "./flight_map.tsx";
import { MediaItems } from "./media_items.tsx";
import { RunName } from "./run_name.tsx";
import type { SideAtStep } from "./step_panel.tsx";
import { Swatch } from "./swatch.tsx";
import { keyScrolled } from "./key_scrolled.ts";

/** Under which name the flight recorder stores its tables, which have a map of their own. */
const FLIGHT = "flight";

function mediaOf({ media }: StepAt): StepAt["media"] {
  return media.filter(({ name }) => name !== FLIGHT);
}

/** Whether a run has nothing to tell of a step but its numbers. */
export function isQuiet(at: StepAt): boolean {
  const all = [at.messages, at.texts, mediaOf(at), at.histograms, at.alerts, at.turned, at.artifacts];
  return all.every(({ length }) => length === 0) && at.flight === null;
}

/** What one run recorded at a step and said around it, beside its numbers. */
export function RunAtStep({ side: { run, at }, look, step }: { side: SideAtStep; look: Look | undefined; step: string }): JSX.Element {
  const media = mediaOf(at);
  return (
    <section class="step-of-run" aria-label={`At step ${step}: ${oneLine(run.name)}`} data-step-run={run.id}>
      <h3 class="row">
        <Swatch look={look} filled />
        <RunName run={run} />
      </h3>
      <Happened at={at} />
      {at.artifacts.length > 0 && <Files artifacts={at.artifacts} />}
      {at.flight && (
        <Part title="Flight record" kind="flight">
          <p>{at.flight.verdict ?? "Nothing left what was usual."}</p>
          <FlightMaps run={run.id} step={at.flight.step} />
        </Part>
      )}
      {media.map(({ name, step: of, media: items }) => (
        <Part key={name} title={oneLine(name)} note={where(of, step)} kind="media" name={name}>
          <MediaItems run={run.id} name={name} media={items} />
        </Part>
      ))}
      {at.texts.map(({ name, step: of, text }, nth) => (
        <Part key={nth} title={oneLine(name)} note={where(of, step)} kind="text" name={name}>
          <pre ref={keyScrolled} class="plain-text">
            {text}
          </pre>
        </Part>
      ))}
      {at.histograms.map(({ name, ...row }) => (
        <Part key={name} title={oneLine(name)} note={where(row.step, step)} kind="histogram" name={name}>
          <HistogramOverTime rows={[row]} />
          <p class="muted tiny">
            from {formatNumber(row.min)} to {formatNumber(row.max)}
            {row.not_finite > 0 && `, ${row.not_finite} not finite`}
          </p>
        </Part>
      ))}
      {at.messages.length > 0 && <Messages said={at.messages} step={step} />}
      {at.left_out > 0 && <p class="muted tiny">{at.left_out} more are on the run's own page.</p>}
    </section>
  );
}

/** Something that is of an earlier step says so. */
function where(of: number | string, step: string): string {
  return String(of) === step ? "" : `of step ${of}, the last before`;
}

interface PartProps {
  title: string;
  note?: string;
  kind: string;
  name?: string;
  children: ComponentChildren;
}

function Part({ title, note = "", kind, name, children }: PartProps): JSX.Element {
  return (
    <div class="step-part" data-step-part={kind} data-name={name}>
      <h4 class="row">
        <span class="clip">{title}</span>
        {note !== "" && <span class="muted tiny">{note}</span>}
      </h4>
      {children}
    </div>
  );
}

/** Alerts, and knobs that were turned. */
function Happened({ at }: { at: StepAt }): JSX.Element | null {
  if (at.alerts.length + at.turned.length === 0) return null;
  return (
    <ul class="problems" data-step-part="happened">
      {at.alerts.map((alert, nth) => (
        <li key={`a${nth}`} data-alert={alert.rule} data-level={alert.level}>
          ◆ <span class="plain-text">{alert.text}</span>
          {alert.hint && <span class="muted plain-text"> — {alert.hint}</span>}
        </li>
      ))}
      {at.turned.map(({ name, value, by }) => (
        <li key={`k${name}`} data-knob={name}>
          ■ {oneLine(name)} = {formatNumber(numberOf(value) as number)} from here on, by {oneLine(by)}
        </li>
      ))}
    </ul>
  );
}

function Files({ artifacts }: { artifacts: readonly Artifact[] }): JSX.Element {
  return (
    <Part title="Files" kind="artifacts">
      <ul>
        {artifacts.map((artifact) => (
          <li key={`${artifact.name} ${artifact.version}`} data-artifact={artifact.name}>
            {artifact.content === null ? (
              oneLine(artifact.name)
            ) : (
              <a href={atBase(artifact.content)} download>
                {oneLine(artifact.name)}
              </a>
            )}{" "}
            <span class="muted tiny">
              {oneLine([artifact.version, artifact.type, ...artifact.aliases].join(" · "))}
              {artifact.bytes !== null && ` · ${formatBytes(artifact.bytes)}`}
              {artifact.deleted && " · deleted"}
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** Lines of the step itself stand out among those around it. */
function Messages({ said, step }: { said: readonly Said[]; step: string }): JSX.Element {
  return (
    <Part title="Messages around it" kind="messages">
      <ul class="step-messages">
        {said.map((message, nth) => (
          <li key={nth} data-level={message.level} data-here={String(message.step) === step}>
            <span class="muted tiny">{message.step === null ? message.time.slice(11, 19) : `step ${message.step}`}</span>{" "}
            <span class="message-level tiny">{message.level}</span> <span class="plain-text">{withoutEscapes(message.text)}</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}
