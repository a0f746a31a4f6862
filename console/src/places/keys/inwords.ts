// Describes a key in words: what it may and may not do, from where, and for how long.

import { permissionList } from "../../desk";
import { full } from "../../times";
import type { Me } from "../../types";
import type { Names } from "./facts";
import { endOf, type Bounds } from "./templates";
import { words } from "./words";

const { says } = words;

export interface Said {
  lines: { may: boolean; text: string }[];
  /** The other limits: networks, expiry, rate. */
  rest: string[];
}

const TOLD = [
  "can_create_tickets",
  "can_read_tickets",
  "can_search_tickets",
  "can_update_tickets",
  "can_delete_tickets",
];

export function inWords(bounds: Bounds, limits: Me["limits"], names: Names): Said {
  const has = (name: string): boolean => bounds.permissions.includes(name);
  const lines = [
    { may: has("can_create_tickets"), text: has("can_create_tickets") ? says.opens : says.opensNot },
  ];
  if (has("can_read_tickets")) lines.push({ may: true, text: says.reads });
  else if (has("can_search_tickets")) lines.push({ may: true, text: says.searches });
  else lines.push({ may: false, text: says.readsNot });
  if (has("can_update_tickets")) lines.push({ may: true, text: says.changes });
  if (has("can_delete_tickets")) lines.push({ may: true, text: says.deletes });
  else lines.push({ may: false, text: has("can_update_tickets") ? says.deletesNot : says.changesNot });
  const also = bounds.permissions.filter((name) => !TOLD.includes(name));
  if (also.length > 0) lines.push({ may: true, text: says.also(permissionList(also)) });
  const from =
    bounds.limited && bounds.networks.length > 0
      ? says.fromThese(bounds.networks.join(", "))
      : says.fromAny;
  const end = endOf(bounds);
  const rest = [says.works(from, end ? says.until(full(end)) : says.untilOff)];
  if (bounds.departments.length > 0) {
    rest.push(says.sees(bounds.departments.map((id) => names.department(id)).join(", ")));
  }
  if (bounds.customer !== null) rest.push(says.sees(names.person(bounds.customer)));
  if (bounds.agent !== null) rest.push(says.acts(names.agent(bounds.agent)));
  rest.push(says.limits(limits.per_second, limits.burst));
  return { lines, rest };
}
