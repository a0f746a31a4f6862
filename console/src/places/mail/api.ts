// Requests of the pages about mail.

import { call, type Once } from "../../calls";
import type { Page } from "../../types";

export interface Mail {
  id: string;
  at: string;
  to: string;
  subject: string;
  template: string;
  ticket: { id: number; number: string } | null;
  state: string;
  reason: string | null;
  size: number | null;
  files: number | null;
}

export interface Contents {
  text: string;
  html: string;
  headers: [string, string][];
  attachments: { name: string; type: string; size: number }[];
  cut: boolean;
}

export interface WholeMail extends Mail, Contents {
  made_anew: boolean;
}

export interface Held {
  id: string;
  reason: string;
  at: string;
  sender: string;
  subject: string;
  size: number | null;
  files: number | null;
}

export interface WholeHeld extends Held, Contents {
  may_take_in: boolean;
}

export interface Suppressed {
  address: string;
  reason: string;
  at: string;
}

export interface Move {
  moved: number;
  of: number;
  state: "running" | "done" | "stopped" | "cut_off";
}

export interface Queue {
  name: string;
  waiting: number;
  under_way: number;
  oldest_seconds: number | null;
  dead: number;
  oldest_dead: string | null;
  move: Move | null;
}

export interface Dead {
  id: string;
  at: string;
  tries: number;
  event: { kind: string; ticket: number | null; number: string | null };
  reason: string | null;
  /** Whether the latest redrive has retried it. */
  came_back: boolean;
}

type Query = Record<string, string | undefined>;

async function page<T>(path: string, query: Query, next: string | null, signal: AbortSignal): Promise<Page<T>> {
  const asked = { query: { ...query, limit: 50, next: next ?? undefined }, signal };
  return (await call<Page<T>>("GET", path, asked)).data;
}

const part = encodeURIComponent;

export const sent = (query: Query, next: string | null, signal: AbortSignal): Promise<Page<Mail>> =>
  page("mail", query, next, signal);

export async function mail(id: string, signal?: AbortSignal): Promise<WholeMail> {
  return (await call<WholeMail>("GET", `mail/${part(id)}`, { signal })).data;
}

export async function sendAgain(id: string, once: Once): Promise<void> {
  await call("POST", `mail/${part(id)}/send-again`, { body: {}, once });
}

export const held = (next: string | null, signal: AbortSignal): Promise<Page<Held>> =>
  page("held-mail", {}, next, signal);

export async function heldMail(id: string, signal?: AbortSignal): Promise<WholeHeld> {
  return (await call<WholeHeld>("GET", `held-mail/${part(id)}`, { signal })).data;
}

export async function rawHeld(id: string): Promise<string> {
  return (await call<{ url: string }>("GET", `held-mail/${part(id)}/raw`)).data.url;
}

export async function takeIn(id: string, once: Once): Promise<string> {
  const made = await call<{ ticket: { number: string } }>("POST", `held-mail/${part(id)}/take-in`, {
    body: {},
    once,
  });
  return made.data.ticket.number;
}

export async function deleteHeld(id: string): Promise<void> {
  await call("DELETE", `held-mail/${part(id)}`);
}

export async function ban(address: string): Promise<void> {
  await call("PATCH", "ban-list", { body: { add: [address] } });
}

export const suppressed = (q: string, next: string | null, signal: AbortSignal): Promise<Page<Suppressed>> =>
  page("suppressed", { q }, next, signal);

export async function lift(address: string): Promise<void> {
  await call("DELETE", `suppressed/${part(address)}`);
}

export async function suppress(address: string): Promise<Suppressed> {
  return (await call<Suppressed>("POST", "suppressed", { body: { address } })).data;
}

export async function queues(signal?: AbortSignal): Promise<Queue[]> {
  return (await call<{ items: Queue[] }>("GET", "queues", { signal })).data.items;
}

export async function dead(name: string, signal?: AbortSignal): Promise<Dead[]> {
  return (await call<{ items: Dead[] }>("GET", `queues/${part(name)}/dead`, { signal })).data.items;
}

export async function redrive(name: string, count: number): Promise<void> {
  await call("POST", `queues/${part(name)}/redrive`, { body: { count } });
}

export async function stopRedrive(name: string): Promise<void> {
  await call("DELETE", `queues/${part(name)}/redrive`);
}

export async function putAside(name: string, id: string, reason: string): Promise<void> {
  await call("POST", `queues/${part(name)}/dead/${part(id)}/put-aside`, { body: { reason } });
}
