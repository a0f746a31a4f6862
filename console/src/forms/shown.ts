// Formats a field's value as text: names of rows, labels of booleans.

import type { Row } from "../types";
import { optionOf } from "./control";
import { hoursInWords } from "./days";
import type { Described } from "./describe";
import { words } from "./words";

export function shownValue(field: Described, value: unknown, rows: Record<string, Row[]>): string {
  const { control } = field;
  const called = (id: unknown): string =>
    rows[field.of ?? ""]?.find((row) => row.id === id)?.name ?? `#${String(id)}`;
  if (value === null || value === undefined || value === "") return words.nothing;
  if (control === "boolean") return value === true ? words.yes : words.no;
  if (control === "row") return value === 0 ? words.nothing : called(value);
  if (control === "rows") return (value as number[]).map(called).join(", ") || words.nothing;
  if (control === "days") return hoursInWords(value);
  if (control === "fields") return String((value as unknown[]).length || words.nothing);
  if (control === "choice") return optionOf(String(value));
  if (Array.isArray(value)) return value.join(", ") || words.nothing;
  if (typeof value === "object") return Object.values(value).join(", ") || words.nothing;
  return String(value);
}
