// What tickets came to on each day: three figures in words, a chart, and a table of where and whose.

import { may } from "../../desk";
import { me } from "../../key";
import { useLoaded } from "../../loading";
import { Segments } from "../../parts/field";
import { Heading } from "../../parts/heading";
import { Empty, List, Waiting, type Column } from "../../parts/list";
import { Lines } from "../../parts/lines";
import { Told } from "../../parts/told";
import { filter, place, to } from "../../places";
import { Shell } from "../../shell";
import { fullDay, number } from "../../times";
import { numbers, type Counts, type DayOfTickets, type Numbers } from "./api";
import { words } from "./words";

type By = "department" | "agent";

export const NEEDS = ["can_read_stats", "can_read_tickets"];

/** Numbers are of departments: a customer's key has none. */
export const mayCount = (): boolean => may(...NEEDS) && me.value?.key.customer === null;

const said = words.numbers;

export function NumbersPlace() {
  const by: By = place.value.query.get("by") === "agent" ? "agent" : "department";
  const loaded = useLoaded(async (signal) => ({ by, ...(await numbers(by, signal)) }), [by]);
  const found = loaded.data;
  const last = found?.days[found.days.length - 1];
  const list = may("can_read_tickets", "can_search_tickets");
  return (
    <Shell>
      <Heading
        title={said.title}
        back={list ? { href: to(["tickets"]), label: words.title } : undefined}
        lead={said.lead}
      />
      <div class="stack wide" aria-busy={loaded.busy}>
        <Waiting loaded={loaded} />
        {found && !last && (
          <Empty>
            <p>{said.none}</p>
          </Empty>
        )}
        {found && last && (
          <>
            <Figures days={found.days} last={last} />
            <OverTime days={found.days} />
            <section class="stack tight">
              <div class="row spread">
                <h2>{said.table}</h2>
                <Segments<By>
                  legend={said.by}
                  value={by}
                  choices={[
                    { value: "department", label: said.byDepartment },
                    { value: "agent", label: said.byAgent },
                  ]}
                  onValue={(value) => filter({ by: value === "agent" ? value : undefined })}
                />
              </div>
              <Table of={found} by={found.by} last={last} busy={loaded.busy} list={list} />
            </section>
          </>
        )}
      </div>
    </Shell>
  );
}

const sum = (days: DayOfTickets[], name: "opened" | "closed"): number =>
  days.reduce((all, day) => all + day[name], 0);

function Figures({ days, last }: { days: DayOfTickets[]; last: DayOfTickets }) {
  const closed = sum(days, "closed");
  const opened = sum(days, "opened");
  return (
    <ul class="figures">
      <li>
        <b>{number(last.open)}</b> {said.open(last.open)}
      </li>
      <li>
        <b>{number(last.overdue)}</b> {said.overdue(last.overdue)}
      </li>
      <li>
        <b>{number(closed)}</b> {said.closed(closed, number(opened), days.length)}
      </li>
    </ul>
  );
}

const SERIES = ["open", "closed", "overdue"] as const;

function OverTime({ days }: { days: DayOfTickets[] }) {
  const known = new Map(days.map((day) => [day.day, day]));
  const all = everyDay(days[0]?.day ?? "", days[days.length - 1]?.day ?? "");
  const series = SERIES.map((name) => ({
    label: said.series[name],
    values: all.map((day) => known.get(day)?.[name] ?? null),
  }));
  const sentences = SERIES.map((name) => {
    const highest = days.reduce((top, day) => (day[name] > top[name] ? day : top));
    const last = days[days.length - 1]?.[name] ?? 0;
    return said.inWords(said.series[name], number(highest[name]), fullDay(highest.day), number(last));
  });
  return (
    <section class="panel">
      <h2>{said.chart}</h2>
      <Lines said={sentences.join(" ")} days={all} series={series} />
    </section>
  );
}

/** Every day from one to another, those that nobody has kept among them. */
function everyDay(first: string, last: string): string[] {
  const days: string[] = [];
  const at = new Date(`${first}T12:00:00Z`);
  for (let day = first; day <= last; day = at.toISOString().slice(0, 10)) {
    days.push(day);
    at.setUTCDate(at.getUTCDate() + 1);
  }
  return days;
}

interface Line extends Counts {
  id: string;
  name: string;
  /** The tickets that it counts, where they can be listed. */
  place: string | null;
}

function Table(props: { of: Numbers; by: By; last: DayOfTickets; busy: boolean; list: boolean }) {
  const { of, by, last, busy, list } = props;
  const lines = Object.entries(of.names).map(([id, name]): Line => {
    const flow = of.days.map((day) => day.by[id]);
    const nobody = by === "agent" && id === "0" ? said.nobody : said.gone(id);
    return {
      id,
      name: name ?? nobody,
      place: list ? to(["tickets"], { [by]: id }) : null,
      open: last.by[id]?.open ?? 0,
      overdue: last.by[id]?.overdue ?? 0,
      opened: flow.reduce((all, day) => all + (day?.opened ?? 0), 0),
      closed: flow.reduce((all, day) => all + (day?.closed ?? 0), 0),
    };
  });
  lines.sort((one, other) => other.open - one.open || one.name.localeCompare(other.name));
  const whole: Line = {
    id: "all",
    name: said.all,
    place: null,
    open: last.open,
    overdue: last.overdue,
    opened: sum(of.days, "opened"),
    closed: sum(of.days, "closed"),
  };
  const figure = (name: "open" | "overdue" | "opened" | "closed"): Column<Line> => ({
    head: said.columns[name],
    share: 15,
    line: true,
    class: "num",
    cell: (line) => (
      <span>
        <span class="only-narrow">{said.columns[name]} </span>
        {number(line[name])}
      </span>
    ),
  });
  const columns: Column<Line>[] = [
    {
      head: by === "agent" ? said.byAgent : said.byDepartment,
      share: 40,
      cell: (line) =>
        line.place ? (
          <a class="clamp" href={line.place}>
            <Told text={line.name} />
          </a>
        ) : (
          <Told class="strong" text={line.name} />
        ),
    },
    figure("open"),
    figure("overdue"),
    figure("opened"),
    figure("closed"),
  ];
  return (
    <List<Line>
      caption={said.table}
      columns={columns}
      items={[...lines, whole]}
      id={(line) => line.id}
      busy={busy}
    />
  );
}
