// People: found by name or address; a key can be bound to one of them.

import { people as findPeople, person as readPerson } from "../../api";
import { may } from "../../desk";
import { useLoaded, useRested } from "../../loading";
import { Heading } from "../../parts/heading";
import { Icon } from "../../parts/icons";
import { Empty, List, Waiting } from "../../parts/list";
import { Told } from "../../parts/told";
import { filter, place, to } from "../../places";
import type { PersonFound } from "../../types";
import { words } from "./words";

const { people: own } = words;

export function People({ which }: { which: string | undefined }) {
  const q = place.value.query.get("q") ?? "";
  const rested = useRested(q.trim(), 250);
  const loaded = useLoaded(
    (signal) => (rested.length < 2 ? Promise.resolve([]) : findPeople(rested, signal)),
    [rested],
  );
  return (
    <>
      <section class="rows">
        <Heading
          title={words.kinds["people"] ?? ""}
          lead={own.lead}
          back={{ href: to(["catalogue"]), label: words.title }}
        />
        <div class="stack">
          <label class="find">
            <span class="unseen">{own.find}</span>
            <Icon name="search" size={16} />
            <input
              class="input"
              type="search"
              placeholder={own.find}
              value={q}
              onInput={(event) => filter({ q: event.currentTarget.value })}
            />
          </label>
          <Waiting loaded={loaded} />
          {rested.length < 2 && <p class="muted">{own.begin}</p>}
          {rested.length >= 2 && loaded.data?.length === 0 && !loaded.busy && (
            <Empty>
              <p role="status">{own.none(rested)}</p>
            </Empty>
          )}
          {(loaded.data?.length ?? 0) > 0 && (
            <List<PersonFound>
              caption={words.kinds["people"] ?? ""}
              columns={[
                {
                  head: words.name,
                  share: 40,
                  cell: (one) => (
                    <a class="clamp" href={to(["catalogue", "people", one.id], { q })}>
                      <Told text={one.name || one.email} />
                    </a>
                  ),
                },
                { head: own.email, share: 40, line: true, cell: (one) => <Told text={one.email} /> },
                {
                  head: own.organization,
                  share: 20,
                  line: true,
                  cell: (one) => <Told text={one.organization?.name ?? words.none_} />,
                },
              ]}
              items={loaded.data}
              id={(one) => one.id}
              busy={loaded.busy}
              chosen={Number(which)}
            />
          )}
        </div>
      </section>
      {which && <Person key={which} id={Number(which)} />}
    </>
  );
}

function Person({ id }: { id: number }) {
  const loaded = useLoaded((signal) => readPerson(id, signal), [id]);
  const person = loaded.data?.data;
  return (
    <section class="panel open-row" aria-busy={loaded.busy}>
      <a class="back narrow-only" data-key="back" href={to(["catalogue", "people"], { q: place.value.query.get("q") ?? undefined })}>
        {words.kinds["people"]}
      </a>
      <Waiting loaded={loaded} />
      {person && (
        <>
          <h2>
            <Told text={person.name || person.email} />
          </h2>
          <dl class="facts">
            <dt>{own.email}</dt>
            <dd>
              <Told text={person.email} />
            </dd>
            <dt>{own.organization}</dt>
            <dd>
              <Told text={person.organization?.name ?? words.none_} />
            </dd>
          </dl>
          <div class="row">
            {may("can_search_tickets", "can_read_tickets") && (
              <a class="button" href={to(["tickets"], { person: String(id) })}>
                {own.theirTickets}
              </a>
            )}
            {may("can_manage_keys") && (
              <a class="button" href={to(["keys", "new"], { for: "customer", customer: String(id), called: person.name })}>
                {own.key}
              </a>
            )}
          </div>
        </>
      )}
    </section>
  );
}
