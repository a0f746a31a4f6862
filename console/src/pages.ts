// A paginated list: 50 rows, and a button for the next page.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Refused } from "./calls";
import { lock } from "./key";
import { useLoaded, type Loaded } from "./loading";
import type { Page } from "./types";

export interface Paged<T> extends Loaded<T[]> {
  /** Requests the next page; undefined if this is the last. */
  more: (() => void) | undefined;
  moreBusy: boolean;
}

/** How often a list polls for new rows. */
const LOOK_SECONDS = 60;

/** The number of new rows that a list does not show yet, until the user asks for them. */
export function useFresh<T>(
  shown: Paged<T>,
  load: (signal: AbortSignal) => Promise<Page<T>>,
  id: (item: T) => number,
): number {
  const [fresh, setFresh] = useState(0);
  const latest = useRef({ shown, load });
  latest.current = { shown, load };
  useEffect(() => setFresh(0), [shown.data]);
  useEffect(() => {
    const stop = new AbortController();
    const look = async (): Promise<void> => {
      const { shown, load } = latest.current;
      if (!shown.data || shown.busy || document.hidden || lock.peek()) return;
      const known = new Set(shown.data.map(id));
      try {
        const { items } = await load(stop.signal);
        if (latest.current.shown.data === shown.data) {
          setFresh(items.filter((item) => !known.has(id(item))).length);
        }
      } catch (error) {
        // A background request: requests of the user will show what is wrong.
        if (!(error instanceof Refused) && !stop.signal.aborted) throw error;
      }
    };
    const timer = setInterval(() => void look(), LOOK_SECONDS * 1000);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, []);
  return fresh;
}

export function usePages<T>(
  load: (next: string | null, signal: AbortSignal) => Promise<Page<T>>,
  wanted: readonly unknown[],
): Paged<T> {
  const first = useLoaded((signal) => load(null, signal), wanted);
  const [further, setFurther] = useState<Page<T> | null>(null);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>();
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    setFurther(null);
    setRefused(undefined);
  }, [first.data]);
  const next = further ? further.next : first.data?.next;
  const more = useCallback(() => {
    if (!next || busy) return;
    setBusy(true);
    latest
      .current(next, new AbortController().signal)
      .then((page) =>
        setFurther((former) => ({ items: [...(former?.items ?? []), ...page.items], next: page.next })),
      )
      .catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        setRefused(error);
      })
      .finally(() => setBusy(false));
  }, [next, busy]);
  const items = useMemo(
    () => first.data && [...first.data.items, ...(further?.items ?? [])],
    [first.data, further],
  );
  const set = (changed: T[]): void => first.set({ items: changed, next: next ?? null });
  return {
    ...first,
    data: items,
    refused: first.refused ?? refused,
    set,
    update: (alter) => items && set(alter(items)),
    more: next ? more : undefined,
    moreBusy: busy,
  };
}
