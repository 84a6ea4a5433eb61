import type { JSX } from "preact";
import { route, to } from "../data/route.ts";
import { saved } from "../data/saved.ts";
import { Dialogs } from "../part/dialogs.tsx";
import { lazy } from "../part/lazy.tsx";
import { Link } from "../part/link.tsx";
import { Empty } from "../part/notice.tsx";
import { TopBar } from "../part/top_bar.tsx";
import { Project } from "./project/project.tsx";

const Compare = lazy("the comparison", async () => (await import("./compare/compare.tsx")).Compare);
const Document = lazy("the report", async () => (await import("./document.tsx")).Document);
const Home = lazy("the projects", async () => (await import("./home.tsx")).Home);
const StudyPage = lazy("the study", async () => (await import("./study/study.tsx")).StudyPage);
const RunPage = lazy("the run", async () => (await import("./run/run.tsx")).RunPage);

export function App(): JSX.Element {
  return (
    <>
      <Page />
      <Dialogs />
    </>
  );
}

/** A page is made anew when it is about something else, and kept while only its view changes. */
function Page(): JSX.Element {
  const here = route.value;
  switch (here.page) {
    case "home":
      return <Home />;
    case "project":
      return <Project key={here.project} name={here.project} />;
    case "run":
      return <RunPage key={here.run} id={here.run} />;
    case "study":
      return <StudyPage key={`${here.project}/${here.study}`} project={here.project} name={here.study} />;
    case "compare":
      return <Compare key={here.runs.join()} ids={here.runs} />;
    case "document":
      return saved ? <Document report={saved} /> : <Unknown path="/document" />;
    case "unknown":
      return <Unknown path={here.path} />;
  }
}

function Unknown({ path }: { path: string }): JSX.Element {
  return (
    <>
      <TopBar crumbs={[]} />
      <main data-page="unknown">
        <Empty title="There is no such page" heading>
          <p class="plain-text muted">{path}</p>
          <p>
            Projects are at <code>/p/NAME</code>, studies at <code>/p/NAME/s/STUDY</code>, runs at <code>/r/ID</code>.{" "}
            <Link href={to.home()}>See all projects</Link>.
          </p>
        </Empty>
      </main>
    </>
  );
}
