// Derives from the JSON Schema of a body's field which control it needs.

import type { Body, Property, Values } from "../types";

export type Control =
  | "boolean"
  | "row"
  | "rows"
  | "choice"
  | "number"
  | "text"
  | "long"
  | "lines"
  | "pairs"
  | "days"
  | "fields";

export interface Described {
  name: string;
  control: Control;
  /** Whether it may be null. */
  empty: boolean;
  required: boolean;
  /** The kind of rows that it refers to. */
  of: string | undefined;
  options: readonly string[];
  longest: number | undefined;
  least: number | undefined;
  most: number | undefined;
  stock: unknown;
  words: string | undefined;
}

/** Longer texts than this get a multi-line control. */
const ONE_LINE = 255;

export function describe(body: Body, name: string): Described {
  const whole = body.schema.properties[name] ?? {};
  const parts = whole.anyOf ?? [whole];
  const one = parts.find((part) => part.type !== "null" && part.const === undefined) ?? whole;
  const of = body.references[name];
  return {
    name,
    control: control(name, one, of),
    empty: parts.some((part) => part.type === "null"),
    required: body.schema.required?.includes(name) ?? false,
    of,
    options: one.enum ?? [],
    longest: one.maxLength,
    least: one.minimum,
    most: one.maximum,
    stock: whole.default,
    words: whole.description,
  };
}

function control(name: string, one: Property, of: string | undefined): Control {
  if (one.type === "boolean") return "boolean";
  if (of) return one.type === "array" ? "rows" : "row";
  if (one.enum) return "choice";
  if (one.type === "integer" || one.type === "number") return "number";
  if (one.type === "array") return one.items?.properties ? "fields" : "lines";
  if (one.type === "object") return name === "days" ? "days" : "pairs";
  return (one.maxLength ?? 0) > ONE_LINE ? "long" : "text";
}

/** The fields of a body in its order, without `id`, which cannot be chosen. */
export function fieldsOf(body: Body): Described[] {
  return Object.keys(body.schema.properties)
    .filter((name) => name !== "id")
    .map((name) => describe(body, name));
}

/** The initial values of a new row. */
export function stockOf(fields: Described[]): Values {
  const begun = fields.map(({ name, stock, control, options, empty }) => {
    if (stock !== undefined) return [name, stock];
    if (control === "boolean") return [name, false];
    if (control === "choice") return [name, options[0] ?? ""];
    if (control === "days") return [name, WORKDAYS];
    if (control === "number") return [name, null];
    return [name, empty ? null : ""];
  });
  return Object.fromEntries(begun) as Values;
}

const WORKDAYS = Object.fromEntries(["0", "1", "2", "3", "4"].map((day) => [day, [8 * 60, 17 * 60]]));

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The values that differ from the earlier ones. */
export function changesOf(before: Values, now: Values): Values {
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => !same(value, before[name])));
}

/** Label made from a name such as "default_dept_id", for fields without their own label. */
export function humanized(name: string): string {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
