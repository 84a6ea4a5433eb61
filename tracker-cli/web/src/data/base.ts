/** Where the page is: a proxy may show it under a path of its own (`tracker ui --base-path`). */

/** Empty, or a path without a slash at its end. */
const base = typeof document === "undefined" ? "" : (document.querySelector<HTMLMetaElement>('meta[name="base-path"]')?.content ?? "");

/** What the browser asks for, of a path as the server knows it. Other addresses, such as `data:`, stay. */
export function atBase(path: string): string {
  return path.startsWith("/") ? base + path : path;
}

/** The path as the page knows it, of one that the browser shows. */
export function withoutBase(path: string): string {
  return path.startsWith(`${base}/`) ? path.slice(base.length) : path === base ? "/" : path;
}
