import type { ComponentChildren, JSX } from "preact";
import type { Study } from "../../model/study.ts";

/** What each picture of the page is given. */
export interface ShownStudy {
  study: Study;
  /** The place of the metric that is looked at. */
  metric: number;
}

/** A picture in its frame. */
export function Card(props: {
  name: string;
  title: string;
  wide?: boolean;
  tools?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class={`card results-card${props.wide ? " wide" : ""}`} data-study-card={props.name} aria-label={props.title}>
      <div class="row wrap">
        <h2 class="grow">{props.title}</h2>
        {props.tools}
      </div>
      {props.children}
    </section>
  );
}
