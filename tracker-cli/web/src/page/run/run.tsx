import type { JSX } from "preact";
import { TopBar } from "../../part/top_bar.tsx";

export function RunPage({ id }: { id: string }): JSX.Element {
  return (
    <>
      <TopBar crumbs={[{ text: id }]} />
      <main data-page="run" />
    </>
  );
}
