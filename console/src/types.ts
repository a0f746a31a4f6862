// What the admin API answers (docs/admin.md), as far as the console reads it.

export type Permission = string;

export interface Key {
  id: number;
  name: string;
  permissions: Permission[];
  networks: string[];
  active: boolean;
  expires: string | null;
  departments: number[];
  agent: number | null;
  customer: number | null;
  last_used: string | null;
  hint?: string | null;
  created?: string | null;
  created_by?: { key: number; name: string } | null;
  old_secret?: { hint: string | null; ends: string; last_used: string | null } | null;
}

/** A key that was just made or rotated; `key` is its secret, once. */
export interface Issued extends Key {
  key?: string;
}

export interface Me {
  key: Key;
  desk: { title: string; version: string; time_zone: string };
  address: string;
  limits: { per_second: number; burst: number };
  families: string[];
}

export interface PermissionWords {
  name: Permission;
  words: string;
  group: string;
  opens: string;
}

export interface Schema {
  permissions: PermissionWords[];
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Row {
  id: number;
  name: string;
  [field: string]: unknown;
}

export interface PersonFound {
  id: number;
  name: string;
  email: string;
}
