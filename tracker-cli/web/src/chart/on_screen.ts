/** One observer for all charts: only what is on screen, or about to be, is worth a request. */

const MARGIN = "200px";
const listeners = new WeakMap<Element, (visible: boolean) => void>();
let observer: IntersectionObserver | null = null;

function sharedObserver(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting);
    },
    { rootMargin: MARGIN },
  );
  return observer;
}

/** Tells when the element comes near the screen or leaves it; returns how to stop. */
export function watchOnScreen(element: Element, listener: (visible: boolean) => void): () => void {
  listeners.set(element, listener);
  sharedObserver().observe(element);
  return () => {
    sharedObserver().unobserve(element);
    listeners.delete(element);
  };
}
