import type { JSX } from "preact";

/** A value that is cut for a narrow place. All of it stands in its title, and is what is copied. */
export function Exact({ shown, exact, title = exact }: { shown: string; exact: string; title?: string }): JSX.Element {
  if (shown === exact && title === exact) return <>{shown}</>;
  return (
    <span title={title} data-exact={exact}>
      {shown}
    </span>
  );
}
