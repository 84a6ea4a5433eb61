import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../data/api.ts";
import { Failure, Loading } from "./notice.tsx";

/** Loads that have not begun. */
const waiting = new Set<() => void>();

/**
 * A part of the page that is in a file of its own, fetched when it is first shown or once the browser has nothing
 * else to do. So the first picture waits for what it shows alone. A report has all parts in its one file.
 *
 * Not for what somebody types into as soon as it is open: the first letters would be lost. What lies over the page comes silently; a part of it is told of while it is on its way.
 */
export function lazy<P extends object>(
  what: string,
  load: () => Promise<ComponentType<P>>,
  how: "with words" | "silently" = "with words",
): (props: P) => JSX.Element | null {
  let arrived: ComponentType<P> | null = null;
  let loading: Promise<void> | null = null;
  const begin = (): Promise<void> => {
    waiting.delete(warm);
    loading ??= load().then(
      (part) => {
        arrived = part;
      },
      (error: unknown) => {
        loading = null;
        throw error;
      },
    );
    return loading;
  };
  const warm = (): void => void begin().catch(() => undefined);
  waiting.add(warm);

  return function Lazy(props: P): JSX.Element | null {
    const [, redraw] = useState(0);
    const [failed, setFailed] = useState<ApiError | null>(null);
    const [tries, setTries] = useState(0);
    useEffect(() => {
      if (arrived) return;
      let gone = false;
      begin().then(
        () => gone || redraw((count) => count + 1),
        () => gone || setFailed(new ApiError(`${what} did not arrive`, "is `tracker ui` still running?", 0)),
      );
      return () => {
        gone = true;
      };
    }, [tries]);
    if (arrived) {
      const Part = arrived;
      return <Part {...props} />;
    }
    const again = (): void => {
      setFailed(null);
      setTries(tries + 1);
    };
    if (failed) return <Failure error={failed} onRetry={again} />;
    return how === "silently" ? null : <Loading what={what} />;
  };
}

/** Fetches what has not been shown yet, so that it is there at once, and also when the server is not any more. */
export function warmUp(): void {
  for (const warm of [...waiting]) warm();
}
