import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api, asApiError } from "../../data/api.ts";
import type { ApiError } from "../../data/api.ts";
import { saved } from "../../data/saved.ts";
import { store } from "../../data/state.ts";
import type { ProjectNotes as Notes } from "../../data/types.ts";
import { EditText } from "../../part/edit_text.tsx";
import { Failure } from "../../part/notice.tsx";
import { notesBegun } from "./project_menu.tsx";

/** What people say of the project, in Markdown. Without notes there is nothing, until somebody begins them in the menu. */
export function ProjectNotes({ name }: { name: string }): JSX.Element | null {
  const [read, setRead] = useState<Notes | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  useEffect(() => {
    if (saved) return;
    setRead(null);
    api.projectNotes(name).then(setRead, (thrown) => setFailure(asApiError(thrown)));
    return () => {
      notesBegun.value = false;
    };
  }, [name]);
  if (failure) return <Failure error={failure} />;
  if (!read || (read.notes === "" && !notesBegun.value)) return null;
  const save = async (notes: string): Promise<void> => {
    setRead(await api.writeProjectNotes(name, read.notes, notes));
    notesBegun.value = false;
  };
  return (
    <section class="card project-notes" aria-label="Notes of the project" title={read.path}>
      <h2 class="visually-hidden">Notes</h2>
      <EditText
        key={String(notesBegun.value)}
        name="project-notes"
        label="the notes of the project"
        value={read.notes}
        lines="many"
        markdown
        begun={notesBegun.value}
        empty=""
        readOnly={store.value?.read_only !== false}
        onSave={save}
        onCancel={() => (notesBegun.value = false)}
      />
    </section>
  );
}
