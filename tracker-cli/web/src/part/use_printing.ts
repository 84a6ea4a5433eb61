import { useEffect, useState } from "preact/hooks";
import { isPrinting, onPrint } from "../chart/printing.ts";

/** Whether the page is on its way to paper, which shows what a screen leaves folded. */
export function usePrinting(): boolean {
  const [printing, setPrinting] = useState(isPrinting());
  useEffect(() => onPrint(setPrinting), []);
  return printing;
}
