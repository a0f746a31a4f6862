// What changes while the page is open: what wants somebody, and which version the desk runs.

import { effect, signal } from "@preact/signals";

import { askMe } from "./api";
import { call, Refused } from "./calls";
import { may, MANAGING } from "./desk";
import { key, me } from "./key";
import { place } from "./places";
import type { Page } from "./types";

/** Something to look at: how many of what, and the place that shows them. */
export interface Matter {
  what: string;
  count: number;
  place: string;
}

/** What wants somebody, as the desk said last. */
export const matters = signal<Matter[]>([]);

/** Whether the desk runs another version than the one that this page came with. */
export const updated = signal(false);

/** The desk keeps its own answer for half a minute. */
const AGAIN = 30_000;

/** What the number beside Mail counts. */
const MAIL = ["held_mail", "dead_letters"];

export async function attention(abort?: AbortSignal): Promise<Matter[]> {
  const asked = await call<Page<Matter>>("GET", "attention", { signal: abort });
  matters.value = asked.data.items;
  return asked.data.items;
}

/** The number beside a place: lines of Start, mails that a person has to decide about. */
export function toDo(name: string): number {
  if (name === "start") return matters.value.length;
  if (name !== "mail") return 0;
  return matters.value.reduce((sum, { what, count }) => sum + (MAIL.includes(what) ? count : 0), 0);
}

let asked = 0;

/** A place has just read how many there are, or none any more: newer than what was asked before. */
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
    // Start asks for itself.
    if (may(...MANAGING) && place.peek().parts[0] !== "start") await attention();
    // The page has just been told of its version.
    if (fresh) return;
    const { desk } = await askMe(secret);
    updated.value = desk.version !== first.desk.version || desk.commit !== first.desk.commit;
  } catch (error) {
    // Nobody has asked for this: whatever else is asked says what is wrong.
    if (!(error instanceof Refused)) throw error;
  }
}

effect(() => {
  if (me.value && place.value) void look();
});
