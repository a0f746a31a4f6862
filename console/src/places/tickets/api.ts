// Requests of the pages about tickets.

import { call, type Once } from "../../calls";
import type { Page } from "../../types";
import type { EntryBody, LinkKind, Summary, Ticket } from "./types";

export type Filters = Record<string, string | undefined>;

export async function tickets(
  filters: Filters,
  next: string | null,
  signal: AbortSignal,
): Promise<Page<Summary>> {
  const query = { ...filters, limit: 50, next: next ?? undefined };
  return (await call<Page<Summary>>("GET", "tickets", { query, signal })).data;
}

const at = (ref: string): string => `tickets/${encodeURIComponent(ref)}`;

export async function ticket(ref: string, signal?: AbortSignal): Promise<Ticket> {
  return (await call<Ticket>("GET", at(ref), { signal })).data;
}

export async function entryBody(ref: string, id: number, signal?: AbortSignal): Promise<EntryBody> {
  return (await call<EntryBody>("GET", `${at(ref)}/entries/${id}/body`, { signal })).data;
}

export async function rawMail(ref: string, id: number): Promise<string> {
  return (await call<{ url: string }>("GET", `${at(ref)}/entries/${id}/raw`)).data.url;
}

export async function fileLink(id: number): Promise<string> {
  return (await call<{ url: string }>("GET", `files/${id}`)).data.url;
}

export interface Written {
  text: string;
  attachments: { name: string; type: string; data: string }[];
}

export async function write(
  ref: string,
  kind: "replies" | "notes",
  body: Written,
  once: Once,
): Promise<string[]> {
  const made = await call<{ told: string[] }>("POST", `${at(ref)}/${kind}`, { body, once });
  return made.data.told;
}

export async function changeTicket(ref: string, changes: Record<string, unknown>): Promise<Summary> {
  return (await call<Summary>("PATCH", at(ref), { body: changes })).data;
}

/** Makes another ticket the `kind` of this one. */
export async function linkTicket(
  ref: string,
  kind: LinkKind,
  other: string,
  once: Once,
): Promise<void> {
  await call("POST", `${at(ref)}/links`, { body: { kind, ticket: other }, once });
}

export async function unlinkTicket(ref: string, kind: LinkKind, other: string): Promise<void> {
  await call("DELETE", `${at(ref)}/links/${kind}/${encodeURIComponent(other)}`);
}

/** Closes this ticket, and moves its thread to another; returns the other. */
export async function mergeTicket(ref: string, into: string, once: Once): Promise<Summary> {
  return (await call<Summary>("POST", `${at(ref)}/merge`, { body: { into }, once })).data;
}

export async function deleteTicket(ref: string): Promise<void> {
  await call("DELETE", at(ref));
}

export interface Counts {
  open: number;
  overdue: number;
  opened: number;
  closed: number;
}

/** A day in UTC: tickets open and overdue at its end, opened and closed during it. */
export interface DayOfTickets extends Counts {
  day: string;
  by: Record<string, Counts | undefined>;
}

export interface Numbers {
  days: DayOfTickets[];
  /** For departments or agents, by id; null for a deleted row, or for none. */
  names: Record<string, string | null>;
}

export async function numbers(by: "department" | "agent", signal: AbortSignal): Promise<Numbers> {
  return (await call<Numbers>("GET", "numbers", { query: { by }, signal })).data;
}
