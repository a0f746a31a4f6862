// What Start asks of the desk: what is to be set up, and what an admin says of it.

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
  /** What the desk has found, in its words. */
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

/** Sends a mail that shows that mail goes out. */
export async function sendTest(to: string, once: Once): Promise<void> {
  await call("POST", "setup/test-mail", { body: { to }, once });
}
