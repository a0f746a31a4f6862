// Templates of keys: the cards of the form, and their initial bounds.

import type { Key, Permission } from "../../types";
import { endIn } from "../../times";

export type Card =
  | "form"
  | "monitoring"
  | "reporting"
  | "full"
  | "notific"
  | "customer"
  | "like"
  | "nothing";

export const CARDS: Card[] = [
  "form",
  "monitoring",
  "reporting",
  "full",
  "notific",
  "customer",
  "like",
  "nothing",
];

export type End = "none" | "d30" | "d90" | "d365" | "date";

/** The bounds of a key as form state. */
export interface Bounds {
  permissions: Permission[];
  /** Whether it is limited to `networks`. */
  limited: boolean;
  networks: string[];
  end: End;
  /** The last day, `2026-11-30`, where `end` is `date`. */
  day: string;
  departments: number[];
  agent: number | null;
  customer: number | null;
}

const NONE: Bounds = {
  permissions: [],
  limited: false,
  networks: [],
  end: "d365",
  day: "",
  departments: [],
  agent: null,
  customer: null,
};

const STARTS: Record<Exclude<Card, "like">, Partial<Bounds>> = {
  form: { permissions: ["can_create_tickets"], end: "none" },
  monitoring: { permissions: ["can_create_tickets", "can_read_tickets"], limited: true },
  reporting: { permissions: ["can_read_tickets", "can_search_tickets", "can_read_stats"] },
  full: {
    permissions: [
      "can_create_tickets",
      "can_read_tickets",
      "can_search_tickets",
      "can_update_tickets",
      "can_manage_subtickets",
      "can_read_stats",
    ],
  },
  notific: {
    permissions: [
      "can_create_tickets",
      "can_read_tickets",
      "can_update_tickets",
      "can_delete_tickets",
      "can_manage_directory",
    ],
  },
  customer: { permissions: ["can_create_tickets", "can_read_tickets", "can_search_tickets"] },
  nothing: {},
};

type Own = Pick<Key, "permissions" | "departments">;

/** The initial bounds of a card, as far as the admin's own key can grant them. */
export function begin(card: Exclude<Card, "like">, own: Own): Bounds {
  const { permissions, departments } = own;
  const wanted = { ...NONE, ...STARTS[card], departments };
  return { ...wanted, permissions: wanted.permissions.filter((one) => permissions.includes(one)) };
}

/** The bounds of a key, as far as the admin's own key can grant them. */
export function likeKey(key: Key, own: Own): Bounds {
  return {
    permissions: key.permissions.filter((one) => own.permissions.includes(one)),
    limited: key.networks.length > 0,
    networks: key.networks,
    end: key.expires ? "d365" : "none",
    day: "",
    departments: key.departments.length > 0 ? key.departments : own.departments,
    agent: key.agent,
    customer: key.customer,
  };
}

const DAYS: Record<Exclude<End, "none" | "date">, number> = { d30: 30, d90: 90, d365: 365 };

/** When a key with these bounds expires; undefined while no day is chosen. */
export function endOf({ end, day }: Pick<Bounds, "end" | "day">): string | null | undefined {
  if (end === "none") return null;
  if (end !== "date") return endIn(DAYS[end]);
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return undefined;
  const at = new Date(year, month - 1, date, 23, 59, 59);
  return Number.isNaN(at.getTime()) ? undefined : `${at.toISOString().slice(0, 19)}Z`;
}
