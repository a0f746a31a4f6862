// Requests of Start: the setup steps, and an admin's confirmations.

import { call, type Once } from "../../calls";
import type { Page } from "../../types";

export interface DnsRecord {
  type: string;
  name: string;
  value: string;
  state: StepState;
}

export type StepState = "done" | "todo" | "wrong" | "unknown";

export interface Step {
  id: string;
  state: StepState;
  /** The desk's text about what it has found. */
  message: string;
  records: DnsRecord[];
  dismissed: boolean;
  checked: string;
}

export async function steps(signal: AbortSignal): Promise<Step[]> {
  return (await call<Page<Step>>("GET", "setup", { signal })).data.items;
}

export async function mark(id: string, as: "confirm" | "dismiss" | "reopen"): Promise<Step> {
  return (await call<Step>("POST", `setup/${id}/${as}`, { body: {} })).data;
}

/** Sends a test mail. */
export async function sendTest(to: string, once: Once): Promise<void> {
  await call("POST", "setup/test-mail", { body: { to }, once });
}
