// The rows of a kind as a table.

import { hoursInWords } from "../../forms/days";
import { labelOf, optionOf } from "../../forms/control";
import { describe } from "../../forms/describe";
import { schema } from "../../desk";
import type { Loaded } from "../../loading";
import { Link } from "../../parts/button";
import { Icon } from "../../parts/icons";
import { Empty, Foot, List, Waiting, type Column } from "../../parts/list";
import { Told } from "../../parts/told";
import { filter, place, to } from "../../places";
import type { Row } from "../../types";
import { words } from "./words";

/** What a table shows beside the name; all else stands in the row. */
const COLUMNS: Record<string, string[]> = {
  departments: ["sla", "manager", "public", "active"],
  topics: ["department", "priority", "fields", "active"],
  statuses: ["state", "sort", "reopens"],
  priorities: ["tag", "urgency"],
  slas: ["hours", "schedule", "active"],
  schedules: ["days", "time_zone"],
  teams: ["lead", "members", "active"],
  agents: ["email", "department", "active"],
  services: ["description"],
  organizations: ["domain", "vip", "active"],
  fields: ["label", "kind", "form"],
  templates: ["subject"],
};

type Rows = Record<string, Row[]>;

export function RowList(props: { kind: string; loaded: Loaded<Rows>; chosen: number }) {
  const { kind, loaded, chosen } = props;
  const q = place.value.query.get("q") ?? "";
  const rows = loaded.data;
  const all = rows?.[kind];
  const wanted = q.trim().toLowerCase();
  const found = all
    ?.filter((row) => !wanted || nameOf(row).toLowerCase().includes(wanted))
    .sort(inOrder(kind));
  return (
    <div class="stack">
      <label class="find">
        <span class="unseen">{words.find}</span>
        <Icon name="search" size={16} />
        <input
          class="input"
          type="search"
          placeholder={words.find}
          value={q}
          onInput={(event) => filter({ q: event.currentTarget.value })}
        />
      </label>
      <Waiting loaded={loaded} />
      {found?.length === 0 ? (
        <Empty>
          <p role="status">{q ? words.noneCalled(q) : words.about[kind]}</p>
          {q && <Link onClick={() => filter({ q: undefined })}>{words.showAll}</Link>}
        </Empty>
      ) : (
        <List<Row>
          caption={words.kinds[kind] ?? kind}
          columns={columns(kind, rows ?? {})}
          items={found}
          id={(row) => row.id}
          busy={loaded.busy}
          chosen={chosen}
        />
      )}
      {found && all && found.length > 0 && <Foot text={words.count(found.length, all.length)} />}
    </div>
  );
}

function nameOf(row: Row): string {
  return row.name;
}

function inOrder(kind: string): (one: Row, other: Row) => number {
  const by = schema.value?.kinds[kind]?.sorted ? "sort" : kind === "priorities" ? "urgency" : "";
  if (!by) return (one, other) => one.id - other.id;
  return (one, other) => Number(one[by]) - Number(other[by]) || one.id - other.id;
}

function columns(kind: string, rows: Rows): Column<Row>[] {
  const builtIn = schema.value?.kinds[kind]?.built_in ?? [];
  const others = (COLUMNS[kind] ?? []).map((name): Column<Row> => {
    const wide = ["email", "subject", "description", "days"].includes(name);
    const head = labelOf(name).replace(/[:(].*/, "").trim();
    return {
      head,
      share: wide ? 30 : 16,
      line: true,
      cell: (row) => {
        const shown = shownValue(kind, name, row[name], rows);
        // In a line without heads only what says something stands: "Public: No".
        const usual = shown === words.none_ || row[name] === true;
        const named = typeof row[name] === "boolean" || typeof row[name] === "number";
        return (
          <span class={`clamp ${usual ? "nothing" : ""}`}>
            {named && <span class="only-narrow">{head}: </span>}
            <Told text={shown} />
          </span>
        );
      },
    };
  });
  return [
    {
      head: words.name,
      share: 30,
      cell: (row) => (
        <>
          <a class={`clamp ${typeof row["parent"] === "number" ? "below" : ""}`} href={to(["catalogue", kind, row.id], { q: place.value.query.get("q") ?? undefined })}>
            <Told text={nameOf(row)} />
          </a>
          {builtIn.includes(row.id) && kind !== "templates" && (
            <span class="small muted" title={words.builtIn}>
              <Icon name="lock" size={12} /> <span class="unseen">{words.builtIn}</span>
            </span>
          )}
        </>
      ),
    },
    ...others,
  ];
}

/** A value as text: names of rows, words of booleans. */
export function shownValue(kind: string, name: string, value: unknown, rows: Rows): string {
  const body = schema.value?.kinds[kind];
  if (!body) return String(value);
  const field = describe(body, name);
  const called = (id: unknown): string =>
    rows[field.of ?? ""]?.find((row) => row.id === id)?.name ?? `#${String(id)}`;
  if (value === null || value === undefined || value === "") return words.none_;
  if (field.control === "boolean") return value === true ? words.yes : words.no;
  if (field.control === "row") return called(value);
  if (field.control === "rows") return (value as number[]).map(called).join(", ") || words.none_;
  if (field.control === "days") return hoursInWords(value);
  if (field.control === "fields") return String((value as unknown[]).length || words.none_);
  if (field.control === "choice") return optionOf(String(value));
  if (Array.isArray(value)) return value.join(", ") || words.none_;
  if (typeof value === "object") return Object.values(value).join(", ") || words.none_;
  return String(value);
}
