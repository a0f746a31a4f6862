// Requests to the desk: one queue, retries, and refusals as errors.

import { allowedAgain, freshKey } from "./key";
import { words } from "./words";

const AT_ONCE = 6;
const PER_SECOND = 8;
const REUSED = "idempotency_key_reused";
const TRIES = { GET: 4, PATCH: 2, DELETE: 2, POST: 2 };

export type Method = keyof typeof TRIES;

/** The desk refused, or did not answer (status 0). */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null = null,
    readonly request: string | null = null,
    readonly body: unknown = null,
  ) {
    super(message);
  }
}

/** Whether the desk refused because the entity has changed since it was read. */
export const isChanged = (error: unknown): boolean =>
  error instanceof Refused && error.code === "changed";

export interface Asked {
  query?: Record<string, string | number | undefined> | undefined;
  body?: unknown;
  /** The version that the change is based on; the desk refuses the change if it is outdated. */
  match?: string | null | undefined;
  /** Idempotency key of a repeated POST, until its answer has been read. */
  once?: Once | undefined;
  signal?: AbortSignal | undefined;
  /** A key other than the signed-in one; its refusal is shown instead of asking to sign in. */
  as?: string;
}

export interface Answer<T> {
  data: T;
  etag: string | null;
}

const api = document.documentElement.dataset["api"] ?? "/api/admin";

let running = 0;
let started: number[] = [];
const queue: (() => void)[] = [];

/** Resolves when a request may start. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    queue.push(resolve);
    next();
  });
}

function next(): void {
  const now = Date.now();
  started = started.filter((at) => now - at < 1000);
  while (queue.length > 0 && running < AT_ONCE && started.length < PER_SECOND) {
    running += 1;
    started.push(now);
    queue.shift()?.();
  }
  if (queue.length > 0 && running < AT_ONCE) setTimeout(next, 1000 - (now - (started[0] ?? now)));
}

/** The idempotency key of one request and its retries; a new one after its answer. */
export interface Once {
  current: string;
}

/** An idempotency key for one press of a button. */
export function newOnce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

function wait(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000 * (0.8 + Math.random() * 0.4));
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("", "AbortError"));
    });
  });
}

export async function call<T>(method: Method, path: string, asked: Asked = {}): Promise<Answer<T>> {
  const again = method === "POST" && !asked.once ? 1 : TRIES[method];
  for (let tried = 1; ; tried += 1) {
    const secret = asked.as ?? (await freshKey());
    await turn();
    let response: Response | null = null;
    let body: unknown = null;
    try {
      response = await fetch(address(path, asked.query), options(method, asked, secret));
      const text = await response.text();
      body = text ? JSON.parse(text) : null;
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      // Lost, or cut off in the middle: it is unknown whether the desk carried it out.
      if (!response || response.ok) response = null;
    } finally {
      running -= 1;
      next();
    }
    // REUSED: the key came with another body before, so that request did arrive. Use a new key.
    if (asked.once && (response?.ok || errorIn(body)?.code === REUSED)) asked.once.current = newOnce();
    if (response?.ok) return { data: body as T, etag: response.headers.get("ETag") };
    const busy = response?.status === 429 || response?.status === 503;
    if ((busy || (!response && method === "GET")) && tried < again) {
      await wait(Number(response?.headers.get("Retry-After")) || tried * 0.5, asked.signal);
      continue;
    }
    const refused = refusal(response, body);
    if (refused.status !== 401 || asked.as) throw refused;
    await allowedAgain();
    tried = 0;
  }
}

function address(path: string, query: Asked["query"] = {}): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return `${api}/${path}${search && `?${search}`}`;
}

function options(method: Method, asked: Asked, secret: string): RequestInit {
  const headers: Record<string, string> = { "X-API-Key": secret };
  if (asked.body !== undefined) headers["Content-Type"] = "application/json";
  if (asked.match) headers["If-Match"] = asked.match;
  if (asked.once) headers["Idempotency-Key"] = asked.once.current;
  const sent: RequestInit = {
    method,
    headers,
    credentials: "omit",
    cache: "no-store",
    referrerPolicy: "no-referrer",
  };
  if (asked.body !== undefined) sent.body = JSON.stringify(asked.body);
  if (asked.signal) sent.signal = asked.signal;
  return sent;
}

function errorIn(body: unknown): { code: string; message: string; field: string | null } | undefined {
  return (body as { error?: ReturnType<typeof errorIn> } | null)?.error;
}

function refusal(response: Response | null, body: unknown): Refused {
  const request = response?.headers.get("x-amzn-RequestId") ?? null;
  const error = errorIn(body);
  if (!response || response.status >= 500 || !error) {
    return new Refused(response?.status ?? 0, error?.code ?? "no_answer", words.noAnswer, null, request);
  }
  const message =
    response.status === 404 ? words.gone : error.code === REUSED ? words.arrived : error.message;
  return new Refused(response.status, error.code, message, error.field, request, body);
}
