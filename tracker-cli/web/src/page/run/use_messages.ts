import { useEffect, useRef, useState } from "preact/hooks";
import { api, asApiError } from "../../data/api.ts";
import type { ApiError } from "../../data/api.ts";
import { saved } from "../../data/saved.ts";
import type { MessagePage, RunDetail, Said } from "../../data/types.ts";
import { isWanted, messageParams } from "../../model/message_query.ts";
import type { MessageQuery } from "../../model/message_query.ts";

const PAGE = 500;
/** As many are kept; who goes on to earlier ones leaves the later ones behind. */
const MOST = 20_000;
const LIVE_MS = 2000;
const TYPING_MS = 200;

interface Loaded {
  /** In the order of time. */
  messages: Said[];
  begin: string;
  end: string;
  hasEarlier: boolean;
  /** Whether the newest are among them, so that newer ones belong behind them. */
  isNewest: boolean;
}

export interface Conversation {
  loaded: Loaded | null;
  failure: ApiError | null;
  earlier(): void;
  newest(): void;
}

/** The last messages that are asked for, those that come while the run trains, and earlier ones on request. */
export function useMessages(run: RunDetail, query: MessageQuery): Conversation {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const asked = messageParams(query).toString();
  // An answer to what is no longer asked is dropped.
  const question = useRef(0);
  const isAsking = useRef(false);
  const ask = (place: { before?: string; after?: string }, take: (page: MessagePage) => void): void => {
    const mine = (question.current += 1);
    isAsking.current = true;
    const isOvertaken = (): boolean => {
      if (mine === question.current) isAsking.current = false;
      return mine !== question.current;
    };
    api.messages(run.id, new URLSearchParams([...new URLSearchParams(asked), ...Object.entries(place), ["count", String(PAGE)]])).then(
      (page) => {
        if (isOvertaken()) return;
        setFailure(null);
        take(page);
      },
      (thrown) => isOvertaken() || setFailure(asApiError(thrown)),
    );
  };
  const newest = (): void =>
    ask({}, (page) => {
      const messages = saved ? page.messages.filter((message) => isWanted(message, query)) : page.messages;
      setLoaded({ messages, begin: page.begin, end: page.end, hasEarlier: page.has_more && !saved, isNewest: true });
    });
  const earlier = (): void => {
    if (!loaded) return;
    ask({ before: loaded.begin }, (page) => {
      const hasRoom = loaded.messages.length + page.messages.length <= MOST;
      setLoaded({
        messages: hasRoom ? [...page.messages, ...loaded.messages] : page.messages,
        begin: page.begin,
        end: hasRoom ? loaded.end : page.end,
        hasEarlier: page.has_more,
        isNewest: hasRoom && loaded.isNewest,
      });
    });
  };
  const since = (): void => {
    if (!loaded?.isNewest || isAsking.current || document.hidden) return;
    if (loaded.messages.length >= MOST) return newest();
    ask({ after: loaded.end }, (page) => setLoaded({ ...loaded, messages: [...loaded.messages, ...page.messages], end: page.end }));
  };
  useEffect(() => {
    const timer = setTimeout(newest, loaded ? TYPING_MS : 0);
    return () => clearTimeout(timer);
  }, [run.id, asked]);
  // The timer outlives what it was started with.
  const look = useRef(since);
  look.current = since;
  const isLive = run.state === "running" && !saved;
  useEffect(() => {
    if (saved) return;
    // What came between the last look and the end.
    if (!isLive) return look.current();
    const timer = setInterval(() => look.current(), LIVE_MS);
    return () => clearInterval(timer);
  }, [isLive]);
  return { loaded, failure, earlier, newest };
}
