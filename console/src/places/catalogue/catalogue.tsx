// The catalogue: kinds, the rows of one, and the row that is open. Three steps of back on a phone.

import { useState } from "preact/hooks";

import { rows as readRows } from "../../api";
import { schema } from "../../desk";
import { useLoaded } from "../../loading";
import { Heading } from "../../parts/heading";
import { Icon } from "../../parts/icons";
import { place, to } from "../../places";
import { Shell } from "../../shell";
import type { Row } from "../../types";
import { People } from "./people";
import { RowPanel } from "./row";
import { RowList } from "./rows";
import { words } from "./words";

export function Catalogue() {
  const [, kind, which] = place.value.parts;
  const kinds = [...Object.keys(schema.value?.kinds ?? {}), "people"];
  const known = kind !== undefined && kinds.includes(kind) ? kind : undefined;
  const shown = known ?? (matchMedia("(min-width: 1024px)").matches ? kinds[0] : undefined);
  return (
    <Shell>
      <div class={`catalogue ${known ? "" : "at-kinds"} ${which ? "with-row" : ""} ${shown === "templates" ? "broad" : ""}`}>
        <nav class="kinds" aria-label={words.kindsLabel}>
          {!known && !shown && <Heading title={words.title} lead={words.lead} />}
          <ul class="places">
            {kinds.map((one) => (
              <li key={one}>
                <a href={to(["catalogue", one])} aria-current={one === shown ? "true" : undefined}>
                  {words.kinds[one] ?? one}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        {shown === "people" && <People which={which} />}
        {shown && shown !== "people" && <OneKind key={shown} kind={shown} which={which} />}
      </div>
    </Shell>
  );
}

function OneKind({ kind, which }: { kind: string; which: string | undefined }) {
  const described = schema.value?.kinds[kind];
  const needed = [...new Set(Object.values(described?.references ?? {}))].filter((one) => one !== kind);
  const loaded = useLoaded(
    async (signal) => {
      const all = await Promise.all([kind, ...needed].map((one) => readRows(one, signal)));
      return Object.fromEntries([kind, ...needed].map((one, at) => [one, all[at] ?? []]));
    },
    [kind],
  );
  const [made, setMade] = useState(0);
  if (!described) return null;
  const rows: Record<string, Row[]> = loaded.data ?? {};
  const id = Number(which);
  const put = (row: Row): void =>
    loaded.update((all) => {
      const others = (all[kind] ?? []).filter((one) => one.id !== row.id);
      return { ...all, [kind]: [...others, row].sort((one, other) => one.id - other.id) };
    });
  return (
    <>
      <section class="rows">
        <Heading
          title={words.kinds[kind] ?? kind}
          lead={words.about[kind]}
          back={{ href: to(["catalogue"]), label: words.title }}
          acts={
            kind !== "templates" && (
              <a class="button main" data-key="new" href={to(["catalogue", kind, "new"])}>
                <Icon name="plus" size={16} />
                {words.add(words.one[kind] ?? kind)}
              </a>
            )
          }
        />
        <RowList kind={kind} loaded={loaded} chosen={id} changed={put} />
      </section>
      {which && (
        <RowPanel
          key={`${which}-${made}`}
          kind={kind}
          id={which === "new" ? null : id}
          body={described}
          rows={rows}
          changed={(row) => {
            if (which === "new") setMade(made + 1);
            put(row);
          }}
          gone={() =>
            loaded.update((all) => ({ ...all, [kind]: (all[kind] ?? []).filter((one) => one.id !== id) }))
          }
        />
      )}
    </>
  );
}
