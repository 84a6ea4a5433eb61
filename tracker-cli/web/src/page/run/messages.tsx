import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { RunDetail, Said } from "../../data/types.ts";
import { LEVELS, SOURCES, fieldText, stepRange } from "../../model/message_query.ts";
import type { MessageQuery } from "../../model/message_query.ts";
import { withoutEscapes } from "../../model/safe_text.ts";
import { Empty, Failure, Loading } from "../../part/notice.tsx";
import { VirtualList } from "../../part/virtual_list.tsx";
import { useMessages } from "./use_messages.ts";
import { keyScrolled } from "../../part/key_scrolled.ts";

/** What of a line is shown in the list. */
const LONGEST = 1000;

const NOTHING: MessageQuery = { level: "", source: "", search: "", steps: "" };

/** What the run said, the newest first. */
export function Messages({ run }: { run: RunDetail }): JSX.Element {
  const [query, setQuery] = useState(NOTHING);
  const [opened, setOpened] = useState<Said | null>(null);
  const { loaded, failure, earlier, newest } = useMessages(run, query);
  if (failure && !loaded) return <Failure error={failure} />;
  if (!loaded) return <Loading what="messages" />;
  const asksForAll = query.level === "" && query.source === "" && query.search === "" && query.steps === "";
  if (loaded.messages.length === 0 && asksForAll) return <NoMessages />;
  const shown = loaded.messages.toReversed();
  return (
    <>
      {failure && <Failure error={failure} />}
      <div class="row">
        <Asked query={query} onChange={(change) => setQuery({ ...query, ...change })} />
        <span class="muted tiny">
          {loaded.messages.length}
          {loaded.hasEarlier ? " of more" : ""}, the newest first
        </span>
        {!loaded.isNewest && (
          <button type="button" class="button" onClick={newest}>
            To the newest
          </button>
        )}
      </div>
      <VirtualList
        items={shown}
        rowHeight={24}
        class="messages card"
        label="Messages"
        scrolls
        row={(message, index) => <Line key={index} message={message} onOpen={() => setOpened(message)} />}
      />
      {loaded.hasEarlier && (
        <button type="button" class="button" data-action="earlier" onClick={earlier}>
          Show earlier ones
        </button>
      )}
      {opened && <Whole message={opened} onClose={() => setOpened(null)} />}
    </>
  );
}

function NoMessages(): JSX.Element {
  return (
    <Empty title="No messages">
      <p>
        What the program logs stands here with <code>tracker_core::messages::logger()</code> or <code>messages::layer()</code>, what it
        prints with <code>.capture_output(true)</code>; panics and words of the adapters do by themselves.
      </p>
    </Empty>
  );
}

function Asked({ query, onChange }: { query: MessageQuery; onChange(change: Partial<MessageQuery>): void }): JSX.Element {
  const isWrong = query.steps.trim() !== "" && stepRange(query.steps) === null;
  return (
    <>
      <input
        type="text"
        aria-label="Find in messages"
        placeholder="Find in messages"
        value={query.search}
        onInput={(event) => onChange({ search: event.currentTarget.value })}
      />
      <select aria-label="Level" value={query.level} onChange={(event) => onChange({ level: event.currentTarget.value })}>
        <option value="">all levels</option>
        {LEVELS.slice(1).map((each) => (
          <option key={each} value={each}>
            {each === "error" ? each : `${each} and more`}
          </option>
        ))}
      </select>
      <select aria-label="Source" value={query.source} onChange={(event) => onChange({ source: event.currentTarget.value })}>
        <option value="">all sources</option>
        {SOURCES.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
      <input
        type="text"
        class="message-steps"
        aria-label="Steps"
        aria-invalid={isWrong}
        placeholder="Steps, as 100-200"
        value={query.steps}
        onInput={(event) => onChange({ steps: event.currentTarget.value })}
      />
    </>
  );
}

function Line({ message, onOpen }: { message: Said; onOpen(): void }): JSX.Element {
  const [first = "", ...others] = message.text.split("\n").map(withoutEscapes);
  const fields = Object.entries(message.fields);
  const short = fields.filter(([, value]) => !fieldText(value).includes("\n")).map(([name, value]) => `${name}=${fieldText(value)}`);
  const hasMore = others.length > 0 || short.length < fields.length || first.length > LONGEST;
  return (
    <div class="message" role="listitem" data-level={message.level}>
      <span class="muted">{message.time.slice(11, 19)}</span>
      <span class="message-level">{message.level}</span>
      <span class="muted message-step">{message.step === null ? "" : `step ${message.step}`}</span>
      {message.target && <span class="muted">{withoutEscapes(message.target)}</span>}
      <span>{first.slice(0, LONGEST)}</span>
      {short.length > 0 && <span class="muted">{withoutEscapes(short.join("  "))}</span>}
      {hasMore && (
        <button type="button" class="button" onClick={onOpen}>
          all of it
        </button>
      )}
    </div>
  );
}

/** A message with all its lines, such as a panic with its backtrace. */
function Whole({ message, onClose }: { message: Said; onClose(): void }): JSX.Element {
  const fields = Object.entries(message.fields).map(([name, value]) => `${name}: ${fieldText(value)}`);
  const lines = [message.text, "", ...fields].join("\n").split("\n");
  return (
    <section class="card message-whole" aria-label="The whole message">
      <button type="button" class="button" onClick={onClose}>
        Close
      </button>
      <pre ref={keyScrolled}>{lines.map(withoutEscapes).join("\n")}</pre>
    </section>
  );
}
