// The admin API as the places use it: one function for each thing that can be asked.

import { call, Refused, type Answer } from "./calls";
import type { Issued, Key, Me, Page, PersonFound, Row, Schema } from "./types";

/** What the key may do, and the desk that it belongs to. */
export async function askMe(key: string): Promise<Me> {
  // Until the desk answers `me`, what a key may manage is found by asking for it.
  const allowed = async (path: string): Promise<unknown> => {
    try {
      return (await call<unknown>("GET", path, { as: key })).data;
    } catch (error) {
      if (error instanceof Refused && error.status === 403) return null;
      throw error;
    }
  };
  const [keysPage, settings, departments] = await Promise.all([
    allowed("keys?limit=1"),
    allowed("settings"),
    allowed("departments?limit=1"),
  ]);
  const title = (settings as { helpdesk_title?: string } | null)?.helpdesk_title ?? "Support";
  const permissions = [
    ...(keysPage ? ["can_manage_keys"] : []),
    ...(settings ? ["can_manage_desk"] : []),
    ...(departments ? ["can_manage_directory"] : []),
    ...(keysPage ? PERMISSIONS.map((one) => one.name).filter((one) => !["can_manage_keys", "can_manage_desk", "can_manage_directory"].includes(one)) : []),
  ];
  return {
    key: {
      id: 0,
      name: "a key",
      permissions,
      networks: [],
      active: true,
      expires: null,
      departments: [],
      agent: null,
      customer: null,
      last_used: null,
    },
    desk: { title, version: "", time_zone: "UTC" },
    address: "",
    limits: { per_second: 10, burst: 20 },
    families: ["osticket", "zammad", "notific"],
  };
}

export async function schema(): Promise<Schema> {
  return Promise.resolve({ permissions: PERMISSIONS });
}

const PERMISSIONS = (
  [
    ["can_create_tickets", "Open tickets", "tickets", "All APIs, and mail over HTTP. Also uploads."],
    ["can_read_tickets", "Read tickets", "tickets", "Threads and files. Opens search, counts and statuses too."],
    ["can_search_tickets", "Search tickets", "tickets", "Lists and search; v1’s list also shows what was written."],
    ["can_update_tickets", "Answer and change tickets", "tickets", "Fields, notes, replies, assignment, closing. Also uploads."],
    ["can_delete_tickets", "Delete tickets", "tickets", "For good, with files and mail. There is no undo."],
    ["can_manage_subtickets", "Link tickets", "tickets", "Put a ticket under another, and take it away."],
    ["can_read_stats", "See the numbers", "tickets", "Counts by department and agent, and the statuses."],
    ["can_manage_directory", "Keep the catalogue", "desk", "Departments, topics, agents, people, held mail."],
    ["can_manage_desk", "Change the desk", "desk", "Settings, suppressed addresses, sent mail, queues."],
    ["can_manage_keys", "Manage keys", "desk", "Make, change and end keys, up to its own bounds."],
    ["can_act_for_others", "Act for others", "desk", "Name another agent or person as the author."],
    ["can_exec_cron", "Run the clock", "desk", "Mark overdue tickets now, without waiting a minute."],
  ] as const
).map(([name, words, group, opens]) => ({ name, words, group, opens }));

export type KeyFilter = "all" | "active" | "ending" | "unused" | "off";

export async function keys(signal?: AbortSignal): Promise<Key[]> {
  return (await all<Key>("keys", signal)).sort((one, other) => other.id - one.id);
}

export const key = (id: number, signal?: AbortSignal): Promise<Answer<Key>> =>
  call<Key>("GET", `keys/${id}`, { signal });

export async function createKey(facts: Partial<Key>, once: string): Promise<Issued> {
  return (await call<Issued>("POST", "keys", { body: facts, once })).data;
}

export const changeKey = (
  id: number,
  changes: Partial<Key>,
  match?: string | null,
): Promise<Answer<Key>> => call<Key>("PATCH", `keys/${id}`, { body: changes, match });

export async function rotateKey(id: number, hours: number, once: string): Promise<Issued> {
  const asked = { body: { overlap_hours: hours }, once };
  return (await call<Issued>("POST", `keys/${id}/rotate`, asked)).data;
}

export async function endOldSecret(id: number): Promise<void> {
  await call("DELETE", `keys/${id}/old-secret`);
}

export async function deleteKey(id: number): Promise<void> {
  await call("DELETE", `keys/${id}`);
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
async function all<T>(path: string, signal?: AbortSignal): Promise<T[]> {
  const found: T[] = [];
  let next: string | null = null;
  do {
    const query: Record<string, string | number | undefined> = { limit: 100, next: next ?? undefined };
    const page: Page<T> = (await call<Page<T>>("GET", path, { query, signal })).data;
    found.push(...page.items);
    next = page.next;
  } while (next);
  return found;
}

/** All rows of a kind: kinds are small, and filtered in the page. */
export const rows = (kind: string, signal?: AbortSignal): Promise<Row[]> => all<Row>(kind, signal);

/** The rows of a kind, or nothing where the key may not read them. */
export async function rowsOrNone(kind: string, signal?: AbortSignal): Promise<Row[]> {
  try {
    return await rows(kind, signal);
  } catch (error) {
    if (error instanceof Refused && error.status === 403) return [];
    throw error;
  }
}

export async function people(q: string, signal?: AbortSignal): Promise<PersonFound[]> {
  return (await call<Page<PersonFound>>("GET", "people", { query: { q }, signal })).data.items;
}
