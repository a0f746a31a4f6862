// The mark of a field that is saved by itself: "Saving", then a check for two seconds.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { words } from "../words";
import { Icon } from "./icons";

const SECONDS = 2;

/** What stands at the field, and what says that it is saved. */
export function useSavingMark(busy: boolean): { mark: ComponentChildren; done: () => void } {
  const [saved, setSaved] = useState(false);
  useEffect(() => {
    if (!saved) return undefined;
    const timer = setTimeout(() => setSaved(false), SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [saved]);
  const check = saved && (
    <span class="good">
      <Icon name="check" size={14} />
    </span>
  );
  const mark = busy ? <span class="small muted"> {words.saving}</span> : check;
  return { mark, done: () => setSaved(true) };
}
