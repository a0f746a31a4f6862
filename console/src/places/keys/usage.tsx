// How many requests a key has sent on each day, as API Gateway counts them.

import { useState } from "preact/hooks";

import { usage, type Usage } from "../../api";
import { coming, useLoaded } from "../../loading";
import { Bars } from "../../parts/bars";
import { Link } from "../../parts/button";
import { Segments } from "../../parts/field";
import { List, Waiting } from "../../parts/list";
import { filter, place } from "../../places";
import { dateAndTime, fullDay, number } from "../../times";
import { words } from "./words";

const SPANS = ["30", "90"] as const;

type Span = (typeof SPANS)[number];

export function UsageOf({ id }: { id: number }) {
  const span: Span = place.value.query.get("days") === "90" ? "90" : "30";
  const loaded = useLoaded((signal) => usage(id, Number(span), signal), [id, span]);
  return (
    <section class={`panel ${coming(loaded)}`} aria-busy={loaded.busy}>
      <div class="row spread">
        <h2>{words.usage}</h2>
        <Segments<Span>
          legend={words.usageSpan}
          value={span}
          choices={SPANS.map((value) => ({ value, label: words.usageDays(value) }))}
          onValue={(value) => filter({ days: value === "30" ? undefined : value })}
        />
      </div>
      <Waiting loaded={loaded} />
      {loaded.data && <Counted of={loaded.data} />}
    </section>
  );
}

function Counted({ of }: { of: Usage }) {
  const [table, setTable] = useState(false);
  const { days, shared } = of;
  if (shared) return <p class="muted">{words.usageShared}</p>;
  const sum = days.reduce((all, day) => all + day.requests, 0);
  const [last] = days.slice(-1);
  if (sum === 0 || !last) return <p class="muted">{words.usageNone}</p>;
  const highest = days.reduce((top, day) => (day.requests > top.requests ? day : top));
  const said = words.usageChart(
    number(highest.requests),
    fullDay(highest.day),
    number(last.requests),
    number(sum),
  );
  return (
    <>
      <Bars said={said} days={days.map(({ day }) => day)} values={days.map(({ requests }) => requests)} />
      <p class="small muted">
        {words.usageSum(number(sum), days.length)} {words.usageAsOf(dateAndTime(of.as_of))}
      </p>
      <div>
        <Link onClick={() => setTable(!table)}>{table ? words.asChart : words.asTable}</Link>
      </div>
      {table && (
        <List<Usage["days"][number]>
          caption={words.usage}
          columns={[
            { head: words.day, share: 60, cell: ({ day }) => fullDay(day) },
            { head: words.requests, share: 40, class: "num", cell: ({ requests }) => number(requests) },
          ]}
          items={[...days].reverse()}
          id={({ day }) => day}
          busy={false}
        />
      )}
    </>
  );
}
