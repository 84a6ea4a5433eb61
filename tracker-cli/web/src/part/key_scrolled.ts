const INSIDE = "a[href], button, input, select, textarea, summary, [tabindex]";

const sizes =
  typeof ResizeObserver === "undefined"
    ? null
    : new ResizeObserver((entries) => {
        for (const { target } of entries) look(target.closest<HTMLElement>("[data-scrolls]"));
      });

function look(box: HTMLElement | null): void {
  if (!box) return;
  const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
  if (scrolls && !box.querySelector(INSIDE)) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}

/**
 * The `ref` of a box whose content may be larger than it. Where it is, and nothing in it takes the focus, the box takes
 * it, so that keys scroll it.
 */
export function keyScrolled(box: HTMLElement | null): void {
  if (!box) return;
  box.dataset["scrolls"] = "";
  sizes?.observe(box);
  for (const child of box.children) sizes?.observe(child);
}
