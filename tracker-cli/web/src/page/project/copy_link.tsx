import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Modal } from "../../part/modal.tsx";

const SHOWN_MS = 2000;

/** Copies the page's address, which shows the same to somebody else. Where the browser forbids that, it shows the address. */
export function CopyLink(): JSX.Element {
  const [copied, setCopied] = useState(false);
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    const address = location.href;
    try {
      await navigator.clipboard.writeText(address);
      setCopied(true);
    } catch {
      // Only pages of this machine, or by HTTPS, may write to the clipboard.
      setShown(address);
    }
  };
  return (
    <>
      <button
        type="button"
        class="button"
        data-action="copy-link"
        title="Copies this page's address: it shows the same to everybody who can open this server"
        onClick={() => void copy()}
      >
        <span role="status">{copied ? "Copied" : "Copy link"}</span>
      </button>
      {shown !== null && (
        <Modal name="link" label="The address of this view" onClose={() => setShown(null)}>
          <div class="palette">
            <input
              type="text"
              readOnly
              aria-label="The address of this view"
              value={shown}
              onFocus={(event) => event.currentTarget.select()}
            />
          </div>
        </Modal>
      )}
    </>
  );
}
