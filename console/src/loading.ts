// Data that a page reads from the desk: the previous answer stays until the next one arrives.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { Refused } from "./calls";

const SLOW_SECONDS = 8;

export interface Loaded<T> {
  data: T | undefined;
  refused: Refused | undefined;
  busy: boolean;
  /** The desk has not answered for eight seconds. */
  slow: boolean;
  reload: () => void;
  /** Applies a change that the desk has confirmed. */
  set: (data: T) => void;
  /** The same for a part of the current data. */
  update: (change: (data: T) => T) => void;
}

export function useLoaded<T>(
  load: (signal: AbortSignal) => Promise<T>,
  wanted: readonly unknown[],
): Loaded<T> {
  const [state, change] = useState<{ data?: T; refused?: Refused; busy: boolean }>({ busy: true });
  const [slow, setSlow] = useState(false);
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => setSlow(true), SLOW_SECONDS * 1000);
    change(({ data }) => (data === undefined ? { busy: true } : { data, busy: true }));
    latest
      .current(stop.signal)
      .then((data) => !stop.signal.aborted && change({ data, busy: false }))
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        if (!(error instanceof Refused)) throw error;
        change(({ data }) => ({ ...(data === undefined ? {} : { data }), refused: error, busy: false }));
      })
      .finally(() => {
        clearTimeout(timer);
        if (!stop.signal.aborted) setSlow(false);
      });
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [...wanted, round]);
  const reload = useCallback(() => setRound((count) => count + 1), []);
  const set = useCallback((data: T) => change({ data, busy: false }), []);
  const update = useCallback(
    (alter: (data: T) => T) =>
      change((former) => (former.data === undefined ? former : { ...former, data: alter(former.data) })),
    [],
  );
  return { data: state.data, refused: state.refused, busy: state.busy, slow, reload, set, update };
}

/** The class of content that is still loading: the content below it waits for its height. */
export function coming<T>({ data, refused, slow }: Loaded<T>): string {
  return data === undefined && !refused && !slow ? "coming" : "";
}

/** One action at a time: a button pressed again while it runs does nothing. */
export function useAct(): {
  busy: boolean;
  refused: Refused | undefined;
  run: (act: () => Promise<void>) => Promise<boolean>;
  clear: () => void;
} {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>();
  const running = useRef(false);
  const run = useCallback(async (act: () => Promise<void>) => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setRefused(undefined);
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error);
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setRefused(undefined), []);
  return { busy, refused, run, clear };
}

/** A debounced value. */
export function useRested<T>(value: T, milliseconds: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return rested;
}
