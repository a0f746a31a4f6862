// Single-key shortcuts: search, create, navigate. Never in a field, and they can be switched off.

import { signal } from "@preact/signals";

import { go, place, to } from "./places";

const STEPS: Record<string, string> = {
  s: "start",
  k: "keys",
  t: "tickets",
  m: "mail",
  c: "catalogue",
  e: "settings",
  h: "history",
};

const WAIT_MILLISECONDS = 1500;

export const singleKeys = signal(true);

/** Whether the help is open. */
export const helping = signal(false);

let before = { key: "", at: 0 };

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["radio", "checkbox", "button"].includes(target.type);
  return target.matches("textarea, select, [contenteditable]");
}

function focusRow(step: number): void {
  const links = [...document.querySelectorAll<HTMLElement>("main tbody tr td:first-child a")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + step))]?.focus();
}

function press(selector: string): boolean {
  const target = document.querySelector<HTMLElement>(selector);
  target?.click();
  return target !== null;
}

function act(key: string): boolean {
  if (before.key === "g" && Date.now() - before.at < WAIT_MILLISECONDS && STEPS[key]) {
    go(to([STEPS[key]]));
    return true;
  }
  switch (key) {
    case "?":
      helping.value = true;
      return true;
    case "/": {
      const find = document.querySelector<HTMLElement>("main [type=search]");
      find?.focus();
      return find !== null;
    }
    case "n":
      return press("main [data-key=new]");
    case "u":
      return press("main [data-key=back]");
    case "[":
      return press("main [data-key=former]");
    case "]":
      return press("main [data-key=next]");
    case "j":
    case "k":
      focusRow(key === "j" ? 1 : -1);
      return true;
    default:
      return false;
  }
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "Enter" && event.target instanceof HTMLElement) {
      event.target.closest("form")?.requestSubmit();
    }
    return;
  }
  if (!singleKeys.value || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]") || place.value.parts[0] === "sign-in") return;
  if (act(event.key)) event.preventDefault();
  before = { key: event.key, at: Date.now() };
});
