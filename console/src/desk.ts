// Page-wide facts about the desk: its texts for permissions, and what the key may do.

import { signal } from "@preact/signals";

import { askMe, schema as readSchema } from "./api";
import { freshKey, me } from "./key";
import type { Permission, Schema } from "./types";

export const schema = signal<Schema | null>(null);

/** The permissions that open a page; a key with one of them sees it. */
export const MANAGING = ["can_manage_keys", "can_manage_directory", "can_manage_desk"];

export function may(...permissions: Permission[]): boolean {
  return permissions.some((one) => me.value?.key.permissions.includes(one));
}

/** After a reload: checks whether the key stored in the tab still works. */
export async function resume(): Promise<void> {
  const secret = await freshKey();
  const [who] = await Promise.all([askMe(secret), loadSchema(secret)]);
  me.value = who;
}

export async function loadSchema(secret: string): Promise<void> {
  if (!schema.value) schema.value = await readSchema(secret);
}

/** The desk's text for a permission. */
export function permissionWords(name: Permission): string {
  return schema.value?.permissions.find((one) => one.name === name)?.words ?? name;
}

/** Several permissions, in the desk's order: "open tickets, read tickets". */
export function permissionList(names: readonly Permission[]): string {
  const known = schema.value?.permissions.map((one) => one.name) ?? [];
  const sorted = [...names].sort((one, other) => known.indexOf(one) - known.indexOf(other));
  return sorted.map((name) => lower(permissionWords(name))).join(", ");
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
