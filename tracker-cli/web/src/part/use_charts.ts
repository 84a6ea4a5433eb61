import { useEffect, useMemo } from "preact/hooks";
import { keepCharts, keptCharts } from "../data/kept_charts.ts";
import { setView, viewField } from "../data/route.ts";
import { formatChoice, freeKey, keptChoices, parseChoices, usualChoice, withChoice } from "../model/chart_choice.ts";
import type { ChartChoice } from "../model/chart_choice.ts";

/** What is chosen for the charts of a board, and how to choose otherwise. */
export interface Charts {
  all: readonly ChartChoice[];
  of(key: string): ChartChoice;
  /** A new chart, about which nothing is chosen yet. */
  fresh(): ChartChoice;
  set(choice: ChartChoice): void;
}

/**
 * The choices that the address names, else those that were kept for the project. They then stand in the
 * address too, so that it shows the same to somebody else. A change takes the place of the address before
 * it: the back button does not take back what is kept.
 */
export function useCharts(project: string): Charts {
  const named = viewField("charts");
  const words = useMemo(() => (named.length > 0 ? named : keptCharts(project)), [named, project]);
  useEffect(() => {
    if (words !== named && words.length > 0) setView({ charts: words }, "replace");
  }, [words, named]);
  return useMemo(() => {
    const all = parseChoices(words);
    const known = new Map(all.map((choice) => [choice.key, choice]));
    /** The same object each time, so that a chart that stays as it is need not be made again. */
    const of = (key: string): ChartChoice => {
      const choice = known.get(key) ?? usualChoice(key);
      known.set(key, choice);
      return choice;
    };
    return {
      all,
      of,
      fresh: () => usualChoice(freeKey(all)),
      set: (choice) => {
        const next = withChoice(all, choice);
        keepCharts(project, keptChoices(next).map(formatChoice));
        setView({ charts: next.map(formatChoice) }, "replace");
      },
    };
  }, [words, project]);
}
