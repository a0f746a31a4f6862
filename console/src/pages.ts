// A list that comes page by page: 50 rows, and the next ones by a button.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { Refused } from "./calls";
import { useLoaded, type Loaded } from "./loading";
import type { Page } from "./types";

export interface Paged<T> extends Loaded<T[]> {
  /** Asks for the next page; nothing where this is the last. */
  more: (() => void) | undefined;
  moreBusy: boolean;
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
  const items = first.data && [...first.data.items, ...(further?.items ?? [])];
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
