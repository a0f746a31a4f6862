// Responses of the admin API (docs/admin.md), as far as the console reads them.

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
  /** When its newest secret was last used. */
  secret_used?: string | null;
  hint?: string | null;
  /** Dismissed advice, and until when. */
  dismissed?: Record<string, string>;
  /** No other key manages keys without expiry: the desk refuses to remove this one. */
  last_managing?: boolean;
  /** Points that need an admin's attention, the most urgent first. */
  advice?: string[];
  created?: string | null;
  created_by?: { key: number; name: string } | null;
  old_secret?: { hint: string | null; ends: string; last_used: string | null } | null;
}

/** A key that was just created or rotated; `key` is its secret, returned only once. */
export interface Issued extends Key {
  key?: string;
}

export interface Me {
  key: Key;
  /** The signed-in person who acts as the key. */
  user?: string | null;
  desk: { title: string; version: string; commit?: string; time_zone: string };
  address: string;
  limits: { per_second: number; burst: number };
  /** The base URL of each deployed API. */
  addresses: Record<string, string>;
  /** Whether the APIs serve their explorers. */
  explorers: boolean;
}

export interface PermissionWords {
  name: Permission;
  words: string;
  group: string;
  note: string;
  opens: Record<string, string[]>;
}

/** JSON Schema, as far as the desk uses it. */
export interface Property {
  type?: string;
  anyOf?: Property[];
  enum?: string[];
  const?: unknown;
  default?: unknown;
  description?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  items?: Property;
  properties?: Record<string, Property>;
  additionalProperties?: boolean | Property;
}

export interface Body {
  schema: { properties: Record<string, Property>; required?: string[]; description?: string };
  /** The kind of rows that each field refers to. */
  references: Record<string, string>;
}

export interface Kind extends Body {
  built_in: number[];
  fixed: string[];
  sorted: boolean;
}

export interface Group {
  name: string;
  words: string;
  settings: string[];
}

export interface Schema {
  permissions: PermissionWords[];
  kinds: Record<string, Kind>;
  settings: Body & { groups: Group[] };
  templates: { values: string[] };
  /** The desk's text for each refusal. */
  errors: Record<string, string | undefined>;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

/** Fields of a row, or settings, by name. */
export type Values = Record<string, unknown>;

export interface Row {
  id: number;
  name: string;
  [field: string]: unknown;
}

export interface PersonFound {
  id: number;
  name: string;
  email: string;
  organization?: { id: number; name: string } | null;
}
