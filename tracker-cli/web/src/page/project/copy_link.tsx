import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

const TOLD_MS = 3000;

/** Copies the page's address, which shows the same to somebody else. */
export function CopyLink(): JSX.Element {
  const [told, setTold] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setTold(""), TOLD_MS);
    return () => clearTimeout(timer);
  }, [told]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(location.href);
      setTold("Copied");
    } catch {
      // Browsers let only pages of this machine, or by HTTPS, write to the clipboard.
      setTold("Copy the address above");
    }
  };
  return (
    <button
      type="button"
      class="button"
      data-action="copy-link"
      title="This page's address shows all of it again"
      onClick={() => void copy()}
    >
      <span role="status">{told || "Copy link"}</span>
    </button>
  );
}
