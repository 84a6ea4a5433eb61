/** Files that a chart is saved as. */

/** Saves a file by a link that is never seen. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads the address when it gets to it, and only then may the memory go.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A metric's name as a file's name. */
export function fileName(metric: string, ending: string): string {
  return `${metric.replace(/[^\w.-]+/g, "-").slice(0, 100) || "chart"}.${ending}`;
}
