import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { follow } from "../../data/live.ts";
import { setView, to, view } from "../../data/route.ts";
import { forgetRuns } from "../../data/state.ts";
import type { Study } from "../../model/study.ts";
import { oneLine } from "../../model/safe_text.ts";
import { Link } from "../../part/link.tsx";
import { Empty, Failure, Loading, Warnings } from "../../part/notice.tsx";
import { TopBar } from "../../part/top_bar.tsx";
import type { ShownStudy } from "./card.tsx";
import { Contour } from "./contour.tsx";
import { Curves } from "./curves.tsx";
import { Head } from "./head.tsx";
import { Importance } from "./importance.tsx";
import { StudyParallel } from "./parallel.tsx";
import { Front, Progress } from "./progress.tsx";
import { Slice } from "./slice.tsx";
import "./study.css";
export { StudyLinks } from "./links.tsx";
import { Trials } from "./trials.tsx";
import { useStudy } from "./use_study.ts";

/** One study: how far it is, what it has found, and what that hangs on. */
export function StudyPage({ project, name }: { project: string; name: string }): JSX.Element {
  useEffect(() => {
    document.title = `${oneLine(name)} · ${oneLine(project)} · tracker`;
    forgetRuns();
    follow(project);
  }, []);
  const { study, failure, again } = useStudy(project, name);
  return (
    <>
      <TopBar crumbs={[{ text: project, href: to.project(project) }, { text: name }]} />
      <main class="study-page" data-page="study">
        {failure && failure.status !== 404 && <Failure error={failure} onRetry={again} />}
        {failure?.status === 404 && !study && (
          <Empty title="This project has no such study" heading>
            <p class="plain-text muted">{oneLine(name)}</p>
            <p>
              <code>tracker study ls</code> lists all studies. <Link href={to.project(project)}>See the project’s runs</Link>.
            </p>
          </Empty>
        )}
        {!study && !failure && <Loading what="the study" />}
        {study && <Body study={study} />}
      </main>
    </>
  );
}

function Body({ study }: { study: Study }): JSX.Element {
  const metric = Math.max(
    0,
    study.metrics.findIndex(({ name }) => name === view.value.judge),
  );
  const shown = { study, metric };
  return (
    <>
      <Head study={study} />
      <Warnings warnings={study.warnings} />
      {study.all.length === 0 && (
        <p class="muted" role="status">
          No trial has begun yet: this page follows by itself.
        </p>
      )}
      {study.all.length > 0 && (
        <>
          {study.metrics.length > 1 && <MetricChoice {...shown} />}
          <div class="study-grid">
            {study.metrics.length > 1 && <Front {...shown} />}
            <Progress {...shown} />
            {study.metrics.length === 1 && <Curves {...shown} />}
          </div>
          <div class="study-grid with-importance">
            <Importance {...shown} />
            <Slice {...shown} />
            <Contour {...shown} />
          </div>
          <StudyParallel {...shown} />
          <Trials {...shown} />
        </>
      )}
    </>
  );
}

function MetricChoice({ study, metric }: ShownStudy): JSX.Element {
  return (
    <label class="field">
      Looked at by
      <select
        data-action="study-metric"
        value={study.metrics[metric]?.name ?? ""}
        onChange={(event) => setView({ judge: event.currentTarget.value })}
      >
        {study.metrics.map(({ name }) => (
          <option key={name} value={name}>
            {oneLine(name)}
          </option>
        ))}
      </select>
    </label>
  );
}
