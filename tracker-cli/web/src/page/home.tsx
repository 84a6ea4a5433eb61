import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { follow } from "../data/live.ts";
import { to } from "../data/route.ts";
import { failure, forgetRuns, runs, store, warnings } from "../data/state.ts";
import type { Project } from "../data/types.ts";
import { formatAge } from "../model/format.ts";
import { oneLine } from "../model/safe_text.ts";
import { useFirstRows } from "../part/first_rows.tsx";
import { Link } from "../part/link.tsx";
import { FirstLines } from "../part/first_lines.tsx";
import { Empty, Failure, Loading, Warnings } from "../part/notice.tsx";
import { TopBar } from "../part/top_bar.tsx";
import "./home.css";
import { RecentRuns } from "./recent_runs.tsx";
import { RunningRuns } from "./running_runs.tsx";

/** All projects of the store. */
export function Home(): JSX.Element {
  useEffect(() => {
    document.title = "tracker";
    forgetRuns();
    follow(null);
  }, []);
  const known = store.value;
  return (
    <>
      <TopBar crumbs={[]} />
      <main class="home" data-page="home">
        {failure.value && <Failure error={failure.value} />}
        <Warnings warnings={warnings.value} />
        {!known && !failure.value && <Loading what="projects" />}
        {known && known.projects.length === 0 && <FirstRun root={known.root} />}
        {known && known.projects.length > 0 && <Projects projects={known.projects} root={known.root} />}
        {known && runs.value && <RunningRuns runs={runs.value} />}
        {known && runs.value && runs.value.length > 0 && <RecentRuns runs={runs.value} />}
      </main>
    </>
  );
}

function Projects({ projects, root }: { projects: Project[]; root: string }): JSX.Element {
  const first = useFirstRows(projects);
  return (
    <>
      <div class="row">
        <h1>Projects</h1>
        <span class="grow" />
        <code class="muted clip" title="The folder of the store">
          {root}
        </code>
      </div>
      <ul class="projects">
        {first.shown.map((project) => (
          <li key={project.name}>
            <Link href={to.project(project.name)} class="project card">
              <h2 class="clip">{oneLine(project.name)}</h2>
              <p class="muted">
                {project.runs} {project.runs === 1 ? "run" : "runs"}
                {project.last_started_at && ` · last ${formatAge(project.last_started_at, Date.now())} ago`}
              </p>
              {project.running > 0 && <p class="running">● {project.running} running</p>}
            </Link>
          </li>
        ))}
      </ul>
      {first.rest}
    </>
  );
}

function FirstRun({ root }: { root: string }): JSX.Element {
  return (
    <Empty title="No runs yet" heading>
      <p>
        This page shows what trainings write to <code>{root}</code>. Start one, and its curves appear here by themselves.
      </p>
      <FirstLines />
      <p class="muted">
        Are your runs in another folder? Stop this and start <code>tracker ui --dir FOLDER</code>.
      </p>
    </Empty>
  );
}
