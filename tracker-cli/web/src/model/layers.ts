/** Metrics that say the same of each layer of a model: `gradients/LAYER/norm`. */
export interface Layer {
  name: string;
  metric: string;
}

/** One quantity of all layers. */
export interface LayerFamily {
  /** Section and quantity with a star between them, which is no metric of the run. */
  key: string;
  section: string;
  quantity: string;
  layers: Layer[];
}

/** What `watch` writes, and what people log of layers by themselves. Of these, a few layers are enough for a map. */
const OF_LAYERS = new Set(["gradients", "parameters", "updates", "activations", "weights", "layers"]);
const FEW = 3;
/** In any other section, it takes so many of a kind that single charts show little. */
const MANY = 12;
/** How many values are not finite stands in a curve of its own: of most layers there is none. */
const COUNTS = new Set(["nan", "infinite"]);

/** The families among the metrics, with their layers in the order of the metrics. */
export function layerFamilies(metrics: readonly string[]): LayerFamily[] {
  const families = new Map<string, LayerFamily>();
  for (const metric of metrics) {
    const [first, last] = [metric.indexOf("/"), metric.lastIndexOf("/")];
    const [section, quantity] = [metric.slice(0, first), metric.slice(last + 1)];
    if (first <= 0 || last <= first + 1 || quantity === "" || COUNTS.has(quantity)) continue;
    const key = `${section}/*/${quantity}`;
    const family = families.get(key) ?? { key, section, quantity, layers: [] };
    family.layers.push({ name: metric.slice(first + 1, last), metric });
    families.set(key, family);
  }
  return [...families.values()].filter(({ section, layers }) => layers.length >= (OF_LAYERS.has(section) ? FEW : MANY));
}

const TITLES: Record<string, string> = {
  "gradients norm": "Gradient norm",
  "parameters norm": "Weight norm",
  "updates ratio": "Update by weight",
};

export function titleOfFamily({ section, quantity }: LayerFamily): string {
  return TITLES[`${section} ${quantity}`] ?? `${section}: ${quantity}`;
}
