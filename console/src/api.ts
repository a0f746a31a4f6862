// The admin API as used by the pages: one function per request.

import { call, Refused, type Answer, type Once } from "./calls";
import type { Issued, Key, Me, Page, PersonFound, Row, Schema, Values } from "./types";

/** The permissions of a key, and its desk. */
export async function askMe(key: string): Promise<Me> {
  return (await call<Me>("GET", "me", { as: key })).data;
}

export async function schema(key: string): Promise<Schema> {
  return (await call<Schema>("GET", "schema", { as: key })).data;
}

export type KeyFilter = "all" | "active" | "ending" | "unused" | "off";

/** The desk's codes; `off` means switched off or expired. */
const KEY_STATES: Record<KeyFilter, string | undefined> = {
  all: undefined,
  active: "active",
  ending: "ending",
  unused: "unused",
  off: "stopped",
};

/** A page of keys, the newest first. */
export async function keys(
  q: string,
  filter: KeyFilter,
  next: string | null,
  signal?: AbortSignal,
): Promise<Page<Key>> {
  const query = { q, state: KEY_STATES[filter], order: "newest", limit: 50, next: next ?? undefined };
  return (await call<Page<Key>>("GET", "keys", { query, signal })).data;
}

export const allKeys = (signal?: AbortSignal): Promise<Key[]> =>
  all<Key>("keys", signal, { order: "newest" });

/** The keys that need an admin's attention. */
export const advisedKeys = (signal?: AbortSignal): Promise<Key[]> =>
  all<Key>("keys", signal, { order: "newest", state: "advised" });

export const key = (id: number, signal?: AbortSignal): Promise<Answer<Key>> =>
  call<Key>("GET", `keys/${id}`, { signal });

export async function createKey(facts: Partial<Key>, once: Once): Promise<Issued> {
  return (await call<Issued>("POST", "keys", { body: facts, once })).data;
}

export const changeKey = (
  id: number,
  changes: Partial<Key>,
  match?: string | null,
): Promise<Answer<Key>> => call<Key>("PATCH", `keys/${id}`, { body: changes, match });

export async function rotateKey(id: number, hours: number, once: Once): Promise<Issued> {
  const asked = { body: { overlap_hours: hours }, once };
  return (await call<Issued>("POST", `keys/${id}/rotate`, asked)).data;
}

export async function endOldSecret(id: number): Promise<void> {
  await call("DELETE", `keys/${id}/old-secret`);
}

export async function deleteKey(id: number, match?: string | null): Promise<void> {
  await call("DELETE", `keys/${id}`, { match });
}

export interface Checked {
  allowed: boolean;
  reason: string | null;
}

export async function checkKey(id: number, address: string | null): Promise<Checked> {
  return (await call<Checked>("POST", `keys/${id}/check`, { body: { address } })).data;
}

export interface Usage {
  days: { day: string; requests: number }[];
  as_of: string;
  shared: boolean;
}

export async function usage(id: number, days: number, signal?: AbortSignal): Promise<Usage> {
  return (await call<Usage>("GET", `keys/${id}/usage`, { query: { days }, signal })).data;
}

/** Every page of a list. */
async function all<T>(
  path: string,
  signal?: AbortSignal,
  wanted: Record<string, string> = {},
): Promise<T[]> {
  const found: T[] = [];
  let next: string | null = null;
  do {
    const query: Record<string, string | number | undefined> = {
      ...wanted,
      limit: 100,
      next: next ?? undefined,
    };
    const page: Page<T> = (await call<Page<T>>("GET", path, { query, signal })).data;
    found.push(...page.items);
    next = page.next;
  } while (next);
  return found;
}

/** All rows of a kind: kinds have few rows, so the page filters them. */
export const rows = (kind: string, signal?: AbortSignal): Promise<Row[]> => all<Row>(kind, signal);

/** The rows of a kind, or none if the key may not read them. */
export async function rowsOrNone(kind: string, signal?: AbortSignal): Promise<Row[]> {
  try {
    return await rows(kind, signal);
  } catch (error) {
    if (error instanceof Refused && error.status === 403) return [];
    throw error;
  }
}

export const row = (kind: string, id: number, signal?: AbortSignal): Promise<Answer<Row>> =>
  call<Row>("GET", `${kind}/${id}`, { signal });

export async function createRow(kind: string, values: Values, once: Once): Promise<Row> {
  return (await call<Row>("POST", kind, { body: values, once })).data;
}

export const changeRow = (
  kind: string,
  id: number,
  values: Values,
  match?: string | null,
): Promise<Answer<Row>> => call<Row>("PATCH", `${kind}/${id}`, { body: values, match });

export async function deleteRow(kind: string, id: number, match?: string | null): Promise<void> {
  await call("DELETE", `${kind}/${id}`, { match });
}

export const settings = (signal?: AbortSignal): Promise<Answer<Values>> =>
  call<Values>("GET", "settings", { signal });

export const changeSettings = (values: Values, match?: string | null): Promise<Answer<Values>> =>
  call<Values>("PATCH", "settings", { body: values, match });

export async function people(q: string, signal?: AbortSignal): Promise<PersonFound[]> {
  return (await call<Page<PersonFound>>("GET", "people", { query: { q }, signal })).data.items;
}

export const person = (id: number, signal?: AbortSignal): Promise<Answer<PersonFound>> =>
  call<PersonFound>("GET", `people/${id}`, { signal });
