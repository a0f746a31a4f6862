// The session: the key is kept as long as the tab, and expires after 30 idle minutes or 12 hours.

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
  /** Set for a signed-in person; `key` is then the token's key. */
  token?: Token | undefined;
}

let held: Stored | null = restore();

/** The desk's data about the signed-in key; null before its answer, and after signing out. */
export const me = signal<Me | null>(null);

/** Whether there is a key, verified or not. */
export const signedIn = signal(held !== null);

/** Dialog shown over everything: the session is about to end, or the key no longer works. */
export const lock = signal<"" | "idle" | "refused">("");

let waiting: (() => void)[] = [];

function restore(): Stored | null {
  try {
    // Whoever signs in may be another person than before.
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

/** Whether it belongs to a signed-in person. */
export const isPerson = (): boolean => Boolean(held?.token);

let renewing: Promise<void> | null = null;

/** The key for the next request; a person's token is refreshed before it expires. */
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

/** Accepts a key that the desk has admitted. If it is the previous key, waiting requests resume. */
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

/** Forgets the key and reloads the page, to drop everything read with the key. */
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

/** Resolves once the key works again, after signing in through the dialog. */
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
  // After the machine has slept, user input arrives before any timer fires.
  if (held && !lock.value && !ended()) held.seen = Date.now();
}

/** Whether the session has expired. Typed input stays in memory for the same key to continue. */
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
