// The menu of a row: a button, and what it opens, by mouse and keyboard alike.

import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { Icon } from "./icons";

export interface Entry {
  label: string;
  act: () => void;
  danger?: boolean;
  /** Why it cannot be chosen. */
  off?: string | undefined;
}

export function Menu({ label, entries }: { label: string; entries: Entry[] }) {
  const [open, setOpen] = useState(false);
  const [up, setUp] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    if (!open) return undefined;
    box.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const away = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", away);
    return () => removeEventListener("pointerdown", away);
  }, [open]);
  const close = (): void => {
    setOpen(false);
    box.current?.querySelector<HTMLElement>("button")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open) return;
    const items = [...(box.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const moves: Record<string, number> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    if (event.key === "Escape") close();
    else if (event.key === "Tab") setOpen(false);
    else if (event.key in moves) items[moves[event.key] ?? 0]?.focus();
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="menu" ref={box} onKeyDown={onKeyDown}>
      <button
        type="button"
        class="icon"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={(event) => {
          const { bottom } = event.currentTarget.getBoundingClientRect();
          setUp(bottom + entries.length * 42 > innerHeight - 64);
          setOpen(!open);
        }}
      >
        <Icon name="more" />
      </button>
      {open && (
        <ul role="menu" id={id} class={up ? "up" : ""}>
          {entries.map((entry) => (
            <li role="none" key={entry.label}>
              <button
                type="button"
                role="menuitem"
                tabIndex={-1}
                class={entry.danger ? "bad" : ""}
                aria-disabled={entry.off ? true : undefined}
                onClick={() => {
                  if (entry.off) return;
                  close();
                  entry.act();
                }}
              >
                {entry.label}
                {entry.off && <div class="small">{entry.off}</div>}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
