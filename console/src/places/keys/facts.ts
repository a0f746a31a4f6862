// Facts about a key in lists: its state, its permissions, its bounds.

import { permissionWords, schema } from "../../desk";
import type { Key, Row } from "../../types";
import { ago, date, daysSince, daysUntil, inDays } from "../../times";
import { words } from "./words";

const SOON_DAYS = 30;

const TICKETS = [
  "can_create_tickets",
  "can_read_tickets",
  "can_search_tickets",
  "can_update_tickets",
];

export interface State {
  text: string;
  /** The symbol beside it: a disc, a ring, a square. */
  mark: "" | "off" | "soon";
}

export function ended(key: Key): boolean {
  return key.expires !== null && Date.parse(key.expires) <= Date.now();
}

export function endsSoon(key: Key): boolean {
  return key.active && !ended(key) && key.expires !== null && daysUntil(key.expires) <= SOON_DAYS;
}

export function overlapping(key: Key): boolean {
  return Boolean(key.old_secret && Date.parse(key.old_secret.ends) > Date.now());
}

export function stateOf(key: Key): State {
  if (!key.active) return { text: words.states.off, mark: "off" };
  if (ended(key)) return { text: words.states.ended, mark: "off" };
  if (endsSoon(key)) {
    return { text: words.states.ends(inDays(daysUntil(key.expires ?? ""))), mark: "soon" };
  }
  if (key.old_secret && overlapping(key)) {
    return { text: words.states.two(date(key.old_secret.ends)), mark: "soon" };
  }
  return { text: words.states.active, mark: "" };
}

/** "Open, read" for permissions on tickets; the full text for others. */
export function mayOf(key: Pick<Key, "permissions">): string {
  const has = new Set(key.permissions);
  if (has.size === 0) return words.nothing;
  const short: string[] = [];
  if (TICKETS.every((one) => has.has(one))) {
    short.push(words.everything);
    for (const one of TICKETS) has.delete(one);
  }
  const rest = [...has];
  const long = rest.map(permissionWords);
  const tickets = long.filter((text) => text.endsWith(" tickets"));
  // "Open tickets, read tickets" is shortened to "Open, read".
  if (tickets.length > 1) {
    short.push(...tickets.map((text) => text.replace(/ tickets$/, "")));
    short.push(...long.filter((text) => !text.endsWith(" tickets")));
  } else {
    short.push(...long);
  }
  const said = short.map((text) => text.charAt(0).toLowerCase() + text.slice(1)).join(", ");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** The bounds of a key: "Only Maintenance", "Acts as Jane Doe". */
export function boundOf(key: Key, names: Names): string {
  const said: string[] = [];
  if (key.departments.length > 0) {
    said.push(`${words.only} ${key.departments.map((id) => names.department(id)).join(", ")}`);
  }
  if (key.agent !== null) said.push(`${words.actsAs} ${names.agent(key.agent)}`);
  if (key.customer !== null) said.push(`${words.only} ${names.person(key.customer)}`);
  return said.join(", ");
}

/** A network; one of a single address is shown as that address. */
export function shortNetwork(network: string): string {
  return network.replace(network.includes(":") ? /\/128$/ : /\/32$/, "");
}

export function networkList(networks: readonly string[]): string {
  return networks.map(shortNetwork).join(", ");
}

export function usedOf(key: Key): string {
  return key.last_used ? ago(key.last_used) : words.never;
}

/** Why a key needs attention: the desk's code, and the text shown after the key's name. */
export function adviceOf(key: Key): { id: string; text: string } | undefined {
  const [id] = key.advice ?? [];
  if (id === undefined) return undefined;
  const since = key.last_used ?? key.created;
  const days = since ? daysSince(since) : 0;
  const texts: Record<string, () => string> = {
    ending: () => words.endsSoon(inDays(daysUntil(key.expires ?? ""))),
    unused: () => (key.last_used ? words.unused(days) : words.neverUsed(days)),
    any_network: () => words.managesAnywhere,
    off: () => words.offLong,
    first_key: () => words.firstKey,
  };
  return { id, text: texts[id]?.() ?? words.otherAdvice(id) };
}

/** The desk's reason why a key must be kept; undefined if it may be removed. */
export function heldBy(key: Key): string | undefined {
  return key.last_managing ? schema.value?.errors["last_managing_key"] : undefined;
}

export interface Names {
  department: (id: number) => string;
  agent: (id: number) => string;
  person: (id: number) => string;
}

/** Names of the rows that a key refers to; their ids if the admin's key may not read them. */
export function namesOf(departments: Row[], agents: Row[], people: Map<number, string>): Names {
  const find = (rows: Row[], id: number): string => rows.find((row) => row.id === id)?.name ?? `#${id}`;
  return {
    department: (id) => find(departments, id),
    agent: (id) => find(agents, id),
    person: (id) => people.get(id) ?? `#${id}`,
  };
}
