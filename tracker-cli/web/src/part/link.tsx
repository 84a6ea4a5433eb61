import type { ComponentChildren, JSX } from "preact";
import { hrefOf, open } from "../data/route.ts";

interface LinkProps {
  href: string;
  class?: string;
  title?: string;
  action?: string;
  /** What is read aloud, where the children are cut into parts. */
  label?: string;
  children: ComponentChildren;
}

/** A link inside the page. It is a real one: it opens in a new tab, can be copied, and is reached by keyboard. */
export function Link({ href, title, action, label, children, ...rest }: LinkProps): JSX.Element {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(href);
  };
  return (
    <a href={hrefOf(href)} class={rest.class} title={title} aria-label={label} data-action={action} onClick={follow}>
      {children}
    </a>
  );
}
