// The fragment and the place that it names: `#/keys/7?show=all`. Nothing of it reaches the desk.

import { signal } from "@preact/signals";

import "./person"; // takes what stands in the address and is no place

export interface Place {
  /** What stands between the slashes: ["keys", "7"]. */
  parts: string[];
  query: URLSearchParams;
}

export const place = signal<Place>(read(location.hash));

let shown = location.hash;

/** Asks whether what is typed may be lost; set while something is. */
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

/** The address of a place; parameters without a value are left out. */
export function to(parts: (string | number)[], query: Record<string, string | undefined> = {}): string {
  const set = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const search = new URLSearchParams(set).toString();
  return `#/${parts.map((part) => encodeURIComponent(part)).join("/")}${search && `?${search}`}`;
}

export function go(address: string): void {
  if (location.hash === address) show();
  else location.hash = address;
}

/** Changes the address where one is, as filters do: no step for the back button. */
export function replace(address: string): void {
  history.replaceState(null, "", address);
  show();
}

/** Changes parameters of the place where one is. */
export function filter(changes: Record<string, string | undefined>): void {
  const query = { ...Object.fromEntries(place.value.query), ...changes };
  replace(to(place.value.parts, query));
}

/** Holds whoever is leaving until `ask` agrees; null lets them go. */
export function hold(ask: (() => Promise<boolean>) | null): void {
  unsaved = ask;
}

/** Whether one may leave: asks where something is typed. */
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
