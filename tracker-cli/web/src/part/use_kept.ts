import { useRef } from "preact/hooks";

/**
 * The value of the first rendering with this signature. Lists fetched anew hold new objects with the same
 * content; what charts are given must stay the same object while it says the same.
 */
export function useKept<T>(value: T, signature: string): T {
  const kept = useRef({ value, signature });
  if (kept.current.signature !== signature) kept.current = { value, signature };
  return kept.current.value;
}
