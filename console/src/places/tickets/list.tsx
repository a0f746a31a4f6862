// Tickets: found by number, words or address, and by state, department, agent.

import { useEffect } from "preact/hooks";

import { rowsOrNone } from "../../api";
import { may } from "../../desk";
import { useLoaded, useRested } from "../../loading";
import { Button, Link } from "../../parts/button";
import { Segments } from "../../parts/field";
import { Heading } from "../../parts/heading";
import { Icon } from "../../parts/icons";
import { Empty, Foot, List, Waiting, type Column } from "../../parts/list";
import { Told } from "../../parts/told";
import { filter, place, to } from "../../places";
import { Shell } from "../../shell";
import { ago, date, full } from "../../times";
import type { Row } from "../../types";
import { useFresh, usePages } from "../../pages";
import { tickets } from "./api";
import { mayCount } from "./numbers";
import type { Summary } from "./types";
import { words } from "./words";

type Shown = keyof typeof words.states;

const STATES = Object.keys(words.states) as Shown[];

/** The list that was shown last: its address, and the numbers of its tickets. */
export const listed = { address: to(["tickets"]), numbers: [] as string[] };

export function TicketList() {
  const { query } = place.value;
  const get = (name: string): string => query.get(name) ?? "";
  const state = STATES.find((one) => one === get("state")) ?? "open";
  const q = useRested(get("q").trim(), 250);
  const wanted = {
    q,
    state: state === "all" ? undefined : state,
    department: get("department"),
    agent: get("agent"),
    person: get("person"),
    overdue: get("overdue"),
  };
  const loaded = usePages((next, signal) => tickets(wanted, next, signal), Object.values(wanted));
  useEffect(() => {
    listed.address = to(["tickets"], Object.fromEntries(query));
    listed.numbers = (loaded.data ?? []).map(({ number }) => number);
  }, [query, loaded.data]);
  const fresh = useFresh(loaded, (signal) => tickets(wanted, null, signal), (ticket) => ticket.id);
  const narrowed = Boolean(q || wanted.department || wanted.agent || wanted.person || wanted.overdue);
  return (
    <Shell>
      <Heading
        title={words.title}
        lead={words.lead}
        acts={
          mayCount() && (
            <a class="button" href={to(["tickets", "numbers"])}>
              {words.toNumbers}
            </a>
          )
        }
      />
      <div class="stack">
        <div class="row">
          <label class="find">
            <span class="unseen">{words.find}</span>
            <Icon name="search" size={16} />
            <input
              class="input"
              type="search"
              placeholder={words.find}
              value={get("q")}
              onInput={(event) => filter({ q: event.currentTarget.value })}
            />
          </label>
          <Segments<Shown>
            legend={words.state}
            value={state}
            choices={STATES.map((value) => ({ value, label: words.states[value] }))}
            onValue={(value) => filter({ state: value === "open" ? undefined : value })}
          />
        </div>
        <Narrowing />
        {wanted.person && (
          <p>
            {words.ofPerson} <Link onClick={() => filter({ person: undefined })}>{words.showAll}</Link>
          </p>
        )}
        {/* Over the list's edge: it moves nothing. */}
        <div class="fresh" role="status">
          {fresh > 0 && (
            <Button little onClick={loaded.reload}>
              {words.fresh(fresh)}
            </Button>
          )}
        </div>
        <Waiting loaded={loaded} />
        {loaded.data?.length === 0 ? (
          <Empty>
            <p role="status">{narrowed ? words.noneSuch : words.none}</p>
            {narrowed && (
              <Link
                onClick={() =>
                  filter({ q: "", department: "", agent: "", person: "", overdue: "", state: "all" })
                }
              >
                {words.showAll}
              </Link>
            )}
          </Empty>
        ) : (
          <List<Summary>
            caption={words.title}
            columns={COLUMNS}
            items={loaded.data}
            id={(ticket) => ticket.id}
            busy={loaded.busy}
          />
        )}
        {loaded.data && loaded.data.length > 0 && (
          <Foot
            text={words.count(loaded.data.length, Boolean(loaded.more))}
            more={loaded.more}
            busy={loaded.moreBusy}
          />
        )}
      </div>
    </Shell>
  );
}

/** By department and agent, where the key may read their names. */
function Narrowing() {
  const { query } = place.value;
  const { data } = useLoaded(
    (signal) =>
      may("can_manage_directory")
        ? Promise.all([rowsOrNone("departments", signal), rowsOrNone("agents", signal)])
        : Promise.resolve([[], []] as [Row[], Row[]]),
    [],
  );
  const [departments, agents] = data ?? [[], []];
  const choose = (name: string, label: string, all: string, rows: { id: number; name: string }[]) => (
    <label class="pick">
      <span class="unseen">{label}</span>
      <select
        class="input"
        value={query.get(name) ?? ""}
        onChange={(event) => filter({ [name]: event.currentTarget.value })}
      >
        <option value="">{all}</option>
        {rows.map((row) => (
          <option value={row.id} key={row.id}>
            {row.name}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div class="row">
      {may("can_manage_directory") && (
        <>
          {choose("department", words.department, words.allDepartments, departments)}
          {choose("agent", words.agent, words.allAgents, [{ id: 0, name: words.nobody }, ...agents])}
        </>
      )}
      <label class="choice">
        <input
          type="checkbox"
          checked={query.get("overdue") === "true"}
          onChange={(event) => filter({ overdue: event.currentTarget.checked ? "true" : undefined })}
        />
        <span>{words.overdueOnly}</span>
      </label>
    </div>
  );
}

const COLUMNS: Column<Summary>[] = [
  {
    head: words.columns.subject,
    share: 32,
    cell: (ticket) => (
      <>
        <a class="clamp" href={to(["tickets", ticket.number])}>
          <Told text={ticket.subject || words.noSubject} />
        </a>
        <span class="small muted num">
          <bdi dir="ltr">{words.number(ticket.number)}</bdi>
        </span>
      </>
    ),
  },
  {
    head: words.columns.person,
    share: 18,
    line: true,
    cell: (ticket) => <Told class="clamp" text={ticket.person?.name || ticket.person?.email || words.noOne} />,
  },
  {
    head: words.columns.department,
    share: 14,
    line: true,
    cell: (ticket) => <Told class="clamp" text={ticket.department?.name ?? words.noOne} />,
  },
  {
    head: words.columns.status,
    share: 12,
    cell: (ticket) => <TicketState of={ticket} />,
  },
  {
    head: words.columns.agent,
    share: 14,
    line: true,
    cell: (ticket) =>
      ticket.agent ? (
        <Told class="clamp" text={ticket.agent.name ?? ""} />
      ) : (
        <span class="nothing">{words.noOne}</span>
      ),
  },
  {
    head: words.columns.updated,
    share: 12,
    line: true,
    cell: (ticket) => <span title={full(ticket.updated)}>{ago(ticket.updated)}</span>,
  },
  {
    head: words.columns.due,
    share: 11,
    line: true,
    cell: (ticket) =>
      ticket.deadline && ticket.status.state === "open" ? (
        <span title={full(ticket.deadline)}>{date(ticket.deadline)}</span>
      ) : (
        <span class="nothing">{words.noOne}</span>
      ),
  },
];

export function TicketState({ of }: { of: Summary }) {
  const mark = of.status.state !== "open" ? "off" : of.overdue ? "bad" : "";
  const said = of.overdue && of.status.state === "open" ? words.overdue : of.status.name ?? of.status.state;
  return (
    <span class={`state ${mark}`}>
      <Told text={said} />
    </span>
  );
}
