// Who is signed in: the key lives as long as the tab, and ends after 30 idle minutes or 12 hours.

import { signal } from "@preact/signals";

import { arriving, end, leave, renew, type Token } from "./person";
import { hold } from "./places";
import type { Me } from "./types";

const STORED = "console-key";
const IDLE_MINUTES = 30;
const WARN_MINUTES = 2;
const LONGEST_HOURS = 12;
const MINUTE = 60_000;

interface Stored {
  key: string;
  since: number;
  seen: number;
  /** Of a person who has signed in: `key` is theirs as well. */
  token?: Token | undefined;
}

let held: Stored | null = restore();

/** What the desk says of the key that is signed in; null before it has answered, and after. */
export const me = signal<Me | null>(null);

/** Whether a key is held, tried or not. */
export const signedIn = signal(held !== null);

/** Shown over everything: the session is about to end, or the key works no more. */
export const lock = signal<"" | "idle" | "refused">("");

let waiting: (() => void)[] = [];

function restore(): Stored | null {
  try {
    // Who comes to sign in is not who was here before.
    if (arriving) sessionStorage.removeItem(STORED);
    const read: unknown = JSON.parse(sessionStorage.getItem(STORED) ?? "null");
    if (typeof read !== "object" || read === null) return null;
    const stored = read as Stored;
    if (alive(stored)) return stored;
    sessionStorage.removeItem(STORED);
    return null;
  } catch {
    return null;
  }
}

function alive({ since, seen }: Stored): boolean {
  const now = Date.now();
  return now - seen < IDLE_MINUTES * MINUTE && now - since < LONGEST_HOURS * 60 * MINUTE;
}

function keep(): void {
  if (held && alive(held)) sessionStorage.setItem(STORED, JSON.stringify(held));
  else sessionStorage.removeItem(STORED);
}

export function key(): string | null {
  return held?.key ?? null;
}

/** Whether it is a person's. */
export const isPerson = (): boolean => Boolean(held?.token);

let renewing: Promise<void> | null = null;

/** The key of the next request: a person's token is renewed before it ends. */
export async function freshKey(): Promise<string> {
  if (held?.token?.renewal && held.token.until - Date.now() < MINUTE) {
    renewing ??= renewed(held, held.token).finally(() => (renewing = null));
    await renewing;
  }
  return held?.key ?? "";
}

async function renewed(of: Stored, token: Token): Promise<void> {
  const next = await renew(token);
  if (of !== held || next === undefined) return;
  of.token = next ?? { ...token, renewal: "" };
  of.key = of.token.key;
  keep();
}

/** Takes a key that the desk has let in. With the key of before, what waits for it goes on. */
export function signIn(secret: string, who: Me, token?: Token): void {
  const same = !held || held.key === secret;
  held = { key: secret, since: Date.now(), seen: Date.now(), token };
  keep();
  if (!same) {
    hold(null);
    location.reload();
    return;
  }
  me.value = who;
  signedIn.value = true;
  lock.value = "";
  for (const go of waiting.splice(0)) go();
}

/** Forgets the key and, with the page, all that was read with it. */
export function signOut(): void {
  const token = held?.token;
  held = null;
  keep();
  hold(null);
  location.hash = "#/sign-in";
  if (token) {
    end(token);
    leave();
  } else location.reload();
}

/** Resolves once the key works again: somebody has signed in over the dialog. */
export function allowedAgain(): Promise<void> {
  lock.value = "refused";
  return new Promise((resolve) => {
    waiting.push(resolve);
  });
}

export function stay(): void {
  lock.value = "";
  seen();
}

function seen(): void {
  // A machine that has slept wakes up with a touch, before any timer.
  if (held && !lock.value && !ended()) held.seen = Date.now();
}

/** Whether the time is over. What is typed stays in memory; the same key goes on with it. */
function ended(): boolean {
  if (!held || alive(held)) return false;
  sessionStorage.removeItem(STORED);
  if (held.token) {
    end(held.token);
    held.token = { ...held.token, renewal: "" };
  }
  lock.value = "refused";
  return true;
}

for (const kind of ["keydown", "pointerdown", "pointermove", "touchstart"]) {
  addEventListener(kind, seen, { passive: true, capture: true });
}
addEventListener("pagehide", () => held && keep());
document.addEventListener("visibilitychange", () => held && keep());

setInterval(() => {
  if (!held || lock.value === "refused") return;
  keep();
  if (!ended() && Date.now() - held.seen > (IDLE_MINUTES - WARN_MINUTES) * MINUTE) lock.value = "idle";
}, 5_000);
