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
  /** When the newest of its secrets was used. */
  secret_used?: string | null;
  hint?: string | null;
  /** Advice that is not to be shown, and until when. */
  dismissed?: Record<string, string>;
  /** No other key manages keys for good: the desk refuses to lose it. */
  last_managing?: boolean;
  /** What admins should hear of it, the most urgent first. */
  advice?: string[];
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
  /** Who has signed in and acts as the key. */
  user?: string | null;
  desk: { title: string; version: string; commit?: string; time_zone: string };
  address: string;
  limits: { per_second: number; burst: number };
  /** The base URL of each API that is served. */
  addresses: Record<string, string>;
  /** Whether each of them serves its explorer. */
  explorers: boolean;
}

export interface PermissionWords {
  name: Permission;
  words: string;
  group: string;
  note: string;
  opens: Record<string, string[]>;
}

/** JSON Schema, as far as the desk's has it. */
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
  /** Which field names rows of which kind. */
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
  /** What the desk says of each refusal. */
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
