/** Copies what values are, and not how they are cut to be shown. */

export function startExactCopy(): void {
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (!event.clipboardData || !selection || selection.rangeCount === 0 || selection.isCollapsed) return;
    const text = exactText(selection.getRangeAt(0));
    if (text === null) return;
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  });
}

/** The text of a selection with its cut values whole, cells apart by tabs; null where none is cut. */
function exactText(range: Range): string | null {
  const around = range.commonAncestorContainer;
  const single = (around instanceof Element ? around : around.parentElement)?.closest<HTMLElement>("[data-exact]");
  if (single) return range.toString().trim() === single.textContent?.trim() ? (single.dataset["exact"] ?? null) : null;
  const copy = document.createElement("div");
  copy.append(range.cloneContents());
  const cut = copy.querySelectorAll<HTMLElement>("[data-exact]");
  if (cut.length === 0) return null;
  for (const value of cut) value.textContent = value.dataset["exact"] ?? "";
  const line = (cells: Iterable<Element>): string => [...cells].map((cell) => cell.textContent?.trim() ?? "").join("\t");
  const rows = [...copy.querySelectorAll("tr")];
  if (rows.length > 0) return rows.map((row) => line(row.children)).join("\n");
  return copy.querySelector(":scope > td, :scope > th") ? line(copy.children) : copy.textContent;
}
