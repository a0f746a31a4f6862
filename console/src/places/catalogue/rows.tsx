// The rows of a kind as a table.

import { labelOf } from "../../forms/control";
import { describe, type Described } from "../../forms/describe";
import { shownValue } from "../../forms/shown";
import { schema } from "../../desk";
import type { Loaded } from "../../loading";
import { Link } from "../../parts/button";
import { Icon } from "../../parts/icons";
import { Empty, Foot, List, Waiting, type Column } from "../../parts/list";
import { Told } from "../../parts/told";
import { filter, place, to } from "../../places";
import type { Row } from "../../types";
import { Cell, fitsCell } from "./cell";
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

export function RowList(props: {
  kind: string;
  loaded: Loaded<Rows>;
  chosen: number;
  changed: (row: Row) => void;
}) {
  const { kind, loaded, chosen, changed } = props;
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
          columns={columns(kind, rows ?? {}, changed)}
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

function columns(kind: string, rows: Rows, changed: (row: Row) => void): Column<Row>[] {
  const body = schema.value?.kinds[kind];
  if (!body) return [];
  const { built_in: builtIn, fixed } = body;
  const changes = (row: Row, field: Described): boolean =>
    fitsCell(field) && !(builtIn.includes(row.id) && fixed.includes(field.name));
  const others = (COLUMNS[kind] ?? []).map((name): Column<Row> => {
    const wide = ["email", "subject", "description", "days"].includes(name);
    const head = labelOf(name).replace(/[:(].*/, "").trim();
    const field = describe(body, name);
    return {
      head,
      share: wide ? 30 : 16,
      line: true,
      cell: (row) => {
        const shown = shownValue(field, row[name], rows);
        // In a line without heads only what says something stands: "Public: No".
        const usual = shown === words.none_ || row[name] === true;
        const named = typeof row[name] === "boolean" || typeof row[name] === "number";
        return (
          <div class={usual ? "nothing" : ""}>
            {named && <span class="only-narrow">{head}: </span>}
            {changes(row, field) ? (
              <Cell {...{ kind, row, field, head, rows, changed }} />
            ) : (
              <Told class="clamp" text={shown} />
            )}
          </div>
        );
      },
    };
  });
  const name = describe(body, "name");
  return [
    {
      head: words.name,
      share: 30,
      cell: (row) => {
        const link = (
          <a class={`clamp ${typeof row["parent"] === "number" ? "below" : ""}`} href={to(["catalogue", kind, row.id], { q: place.value.query.get("q") ?? undefined })}>
            <Told text={nameOf(row)} />
          </a>
        );
        return (
          <>
            {changes(row, name) ? (
              <Cell {...{ kind, row, rows, changed }} field={name} head={words.name}>
                {link}
              </Cell>
            ) : (
              link
            )}
            {builtIn.includes(row.id) && kind !== "templates" && (
              <span class="small muted" title={words.builtIn}>
                <Icon name="lock" size={12} /> <span class="unseen">{words.builtIn}</span>
              </span>
            )}
          </>
        );
      },
    },
    ...others,
  ];
}
