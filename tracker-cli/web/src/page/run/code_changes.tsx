import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../data/api.ts";
import type { RunCode } from "../../data/types.ts";
import { changesOf, changesText } from "../../model/code.ts";
import { ChangedFile } from "../../part/diff_view.tsx";
import { Failure, Loading } from "../../part/notice.tsx";
import { useFetched } from "./use_detail.ts";

/** What was changed since the commit; the patch comes when somebody wants to read it. */
export function CodeChanges({ id, code }: { id: string; code: RunCode }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <section class="card pad" aria-label="Code">
      <h2>Code</h2>
      <p class="row wrap code-head">
        <code title={code.commit ?? undefined}>{code.commit?.slice(0, 12) ?? "no commit"}</code>{" "}
        <span data-text="changes">{changesText({ dirty: true, ...code })}</span>
      </p>
      <button type="button" class="button" data-action="patch" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? "Hide the changes" : "Read the changes"}
      </button>
      {isOpen && <Changes id={id} code={code} />}
    </section>
  );
}

function Changes({ id, code }: { id: string; code: RunCode }): JSX.Element {
  const { value, failure } = useFetched(() => api.patch(id), id, true);
  if (failure) return <Failure error={failure} />;
  if (!value) return <Loading what="the changes" />;
  return (
    <div class="code-changes">
      {value.diff_cut && <p class="muted">The patch was cut after its first MiB.</p>}
      {changesOf({ files: code.files, diff: value.diff }).map((change) => (
        <ChangedFile key={change.path} change={change} open />
      ))}
    </div>
  );
}
