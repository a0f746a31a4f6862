// State that changes while the page is open: points that need attention, and the desk's version.

import { effect, signal } from "@preact/signals";

import { askMe } from "./api";
import { call, Refused } from "./calls";
import { may, MANAGING } from "./desk";
import { key, me } from "./key";
import { place } from "./places";
import type { Page } from "./types";

/** A point that needs attention: what, how many, and the page that shows them. */
export interface Matter {
  what: string;
  count: number;
  place: string;
}

/** The points that need attention, from the desk's last answer. */
export const matters = signal<Matter[]>([]);

/** Whether the desk runs another version than the one that served this page. */
export const updated = signal(false);

/** The desk caches its answer for half a minute. */
const AGAIN = 30_000;

/** The points that the number beside Mail counts. */
const MAIL = ["held_mail", "dead_letters"];

export async function attention(abort?: AbortSignal): Promise<Matter[]> {
  const asked = await call<Page<Matter>>("GET", "attention", { signal: abort });
  matters.value = asked.data.items;
  return asked.data.items;
}

/** The number beside a page's name: lines of Start, mails that need a decision. */
export function toDo(name: string): number {
  if (name === "start") return matters.value.length;
  if (name !== "mail") return 0;
  return matters.value.reduce((sum, { what, count }) => sum + (MAIL.includes(what) ? count : 0), 0);
}

let asked = 0;

/** Stores a count that a page has just read, which is newer than the last poll. */
export function saw(what: string, count: number): void {
  const known = matters.peek().find((one) => one.what === what);
  if ((known?.count ?? 0) === count) return;
  const others = matters.peek().filter((one) => one !== known);
  matters.value = count > 0 ? [...others, { what, count, place: location.hash }] : others;
  asked = Date.now();
}

async function look(): Promise<void> {
  const secret = key();
  const first = me.peek();
  if (!secret || !first || Date.now() - asked < AGAIN) return;
  const fresh = asked === 0;
  asked = Date.now();
  try {
    // Start makes this request itself.
    if (may(...MANAGING) && place.peek().parts[0] !== "start") await attention();
    // The page has just learnt its version.
    if (fresh) return;
    const { desk } = await askMe(secret);
    updated.value = desk.version !== first.desk.version || desk.commit !== first.desk.commit;
  } catch (error) {
    // A background request: requests of the user will show what is wrong.
    if (!(error instanceof Refused)) throw error;
  }
}

effect(() => {
  if (me.value && place.value) void look();
});
