/** One observer for all charts: only what is on screen, or about to be, is worth a request. */

const MARGIN = 200;
const listeners = new WeakMap<Element, (visible: boolean) => void>();
let observer: IntersectionObserver | null = null;

function sharedObserver(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting);
    },
    { rootMargin: `${MARGIN}px` },
  );
  return observer;
}

/** The observer's first word comes a frame late: what is on screen from the start need not wait for it. */
function isNear(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > -MARGIN && top < window.innerHeight + MARGIN;
}

/** Tells when the element comes near the screen or leaves it; returns how to stop. */
export function watchOnScreen(element: Element, listener: (visible: boolean) => void): () => void {
  listeners.set(element, listener);
  sharedObserver().observe(element);
  if (isNear(element)) listener(true);
  return () => {
    sharedObserver().unobserve(element);
    listeners.delete(element);
  };
}
