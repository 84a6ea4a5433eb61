import type { Plugin } from "vite";

/** What uPlot makes as it loads, and what makes it when it is first asked for. */
const LAZY: readonly [string, string][] = [
  ["const numFormatter = new Intl.NumberFormat(domEnv ? nav.language : 'en-US');", ""],
  ["val => numFormatter.format(val)", "val => new Intl.NumberFormat(nav.language).format(val)"],
  ["const localTz = new Intl.DateTimeFormat().resolvedOptions().timeZone;", ""],
  ["tz == localTz", "tz == new Intl.DateTimeFormat().resolvedOptions().timeZone"],
];

/**
 * uPlot asks the browser for the user's language and time zone while it loads. A browser reads its tables for
 * that, which takes 40 ms of the page's start, and we format numbers ourselves. So it asks when it needs to.
 */
export function lazyIntl(): Plugin {
  return {
    name: "lazy-intl",
    enforce: "pre",
    transform(code, id) {
      if (!id.endsWith("/uPlot.esm.js")) return null;
      return LAZY.reduce((text, [eager, lazy]) => {
        if (!text.includes(eager)) throw new Error(`uPlot no longer has: ${eager}`);
        return text.replace(eager, lazy);
      }, code);
    },
  };
}
