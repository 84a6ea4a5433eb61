import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../data/api.ts";
import type { RunDetail } from "../../data/types.ts";
import { withoutEscapes } from "../../model/safe_text.ts";
import { Empty, Failure, Loading } from "../../part/notice.tsx";
import { VirtualList } from "../../part/virtual_list.tsx";
import { useFetched } from "./use_detail.ts";

/** What the run said, the newest last. */
export function Messages({ run }: { run: RunDetail }): JSX.Element {
  const { value, failure } = useFetched(() => api.events(run.id), run.id);
  const [typed, setTyped] = useState("");
  const [level, setLevel] = useState("");
  if (failure) return <Failure error={failure} />;
  if (!value) return <Loading what="messages" />;
  if (value.messages.length === 0)
    return (
      <Empty title="No messages">
        <p>
          A training leaves lines for people with <code>run.record(Event::Message {"{ .. }"})</code>; adapters say here when they stop early
          or skip something.
        </p>
      </Empty>
    );
  const found = value.messages.filter(
    (message) => (level === "" || message.level === level) && message.text.toLowerCase().includes(typed.toLowerCase()),
  );
  return (
    <>
      <div class="row">
        <input
          type="text"
          aria-label="Find in messages"
          placeholder="Find in messages"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <select aria-label="Level" value={level} onChange={(event) => setLevel(event.currentTarget.value)}>
          <option value="">all levels</option>
          {[...new Set(value.messages.map((message) => message.level))].map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <span class="muted tiny">
          {found.length} of {value.messages.length}
        </span>
      </div>
      <VirtualList
        items={found}
        rowHeight={24}
        class="messages card"
        label="Messages"
        scrolls
        row={(message, index) => (
          <div key={index} class="message" role="listitem" data-level={message.level}>
            <span class="muted">{message.time.slice(11, 19)}</span>
            <span class="message-level">{message.level}</span>
            <span>{withoutEscapes(message.text)}</span>
          </div>
        )}
      />
    </>
  );
}
