import type { JSX } from "preact";
import { TopBar } from "../../part/top_bar.tsx";

export function Compare({ ids }: { ids: string[] }): JSX.Element {
  return (
    <>
      <TopBar crumbs={[{ text: `${ids.length} runs` }]} />
      <main data-page="compare" />
    </>
  );
}
