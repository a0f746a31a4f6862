// The router: parses the URL fragment, such as `#/keys/7?show=all`. It is never sent to the desk.

import { signal } from "@preact/signals";

import "./person"; // first: removes sign-in parameters from the URL

export interface Place {
  /** The parts between the slashes: ["keys", "7"]. */
  parts: string[];
  query: URLSearchParams;
}

export const place = signal<Place>(read(location.hash));

let shown = location.hash;

/** Asks whether typed input may be discarded; set while there is any. */
let unsaved: (() => Promise<boolean>) | null = null;

function read(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return {
    parts: path.split("/").filter(Boolean).map(decode),
    query: new URLSearchParams(query),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The URL of a page; parameters without a value are omitted. */
export function to(parts: (string | number)[], query: Record<string, string | undefined> = {}): string {
  const set = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const search = new URLSearchParams(set).toString();
  return `#/${parts.map((part) => encodeURIComponent(part)).join("/")}${search && `?${search}`}`;
}

export function go(address: string): void {
  if (location.hash === address) show();
  else location.hash = address;
}

/** Replaces the current URL, as filters do, without a history entry. */
export function replace(address: string): void {
  history.replaceState(null, "", address);
  show();
}

/** Changes parameters of the current page. */
export function filter(changes: Record<string, string | undefined>): void {
  const query = { ...Object.fromEntries(place.value.query), ...changes };
  replace(to(place.value.parts, query));
}

/** Blocks leaving the page until `ask` agrees; null removes the block. */
export function hold(ask: (() => Promise<boolean>) | null): void {
  unsaved = ask;
}

/** Whether the user may leave; asks if there is typed input. */
export async function mayLeave(): Promise<boolean> {
  if (unsaved && !(await unsaved())) return false;
  unsaved = null;
  return true;
}

function show(): void {
  shown = location.hash;
  place.value = read(shown);
}

addEventListener("hashchange", async () => {
  const wanted = location.hash;
  if (unsaved && wanted !== shown) {
    history.replaceState(null, "", shown || "#/");
    if (!(await mayLeave())) return;
    history.replaceState(null, "", wanted);
  }
  show();
});

addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
