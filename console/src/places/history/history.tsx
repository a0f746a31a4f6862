// Who changed what, newest first by day, with what was before and after.

import { allKeys } from "../../api";
import { may, schema } from "../../desk";
import { labelOf } from "../../forms/control";
import { useLoaded } from "../../loading";
import { usePages } from "../../pages";
import { Button, Link } from "../../parts/button";
import { Heading } from "../../parts/heading";
import { Empty, Waiting } from "../../parts/list";
import { Told } from "../../parts/told";
import { call } from "../../calls";
import { filter, place, to } from "../../places";
import { Shell } from "../../shell";
import { full, fullDay } from "../../times";
import type { Page } from "../../types";
import { words as kinds } from "../catalogue/words";
import { words as mails } from "../mail/words";
import { words } from "./words";

export interface Change {
  id: string;
  at: string;
  kind: string;
  what: string;
  object: { kind: string; id: number | string | null; name: string | null };
  by: { key: number | null; name: string | null; user?: string | null; agent: { id: number; name: string } | string | null };
  changes: { field: string; before?: unknown; after?: unknown }[];
}

type Query = Record<string, string | undefined>;

async function audit({ by: key, ...query }: Query, next: string | null, signal: AbortSignal): Promise<Page<Change>> {
  const asked = { query: { ...query, key, limit: 50, next: next ?? undefined }, signal };
  return (await call<Page<Change>>("GET", "audit", asked)).data;
}

export function History() {
  const { query } = place.value;
  const wanted = { day: query.get("day") ?? "", kind: query.get("kind") ?? "", id: query.get("id") ?? "", by: query.get("key") ?? "" };
  const named = { ...words.kinds, ...kinds.kinds };
  const { data: keys } = useLoaded(
    (signal) => (may("can_manage_keys") ? allKeys(signal) : Promise.resolve([])),
    [],
  );
  const all = ["keys", "settings", "people", ...Object.keys(schema.value?.kinds ?? {})];
  return (
    <Shell>
      <Heading title={words.title} lead={words.lead} />
      <div class="stack">
        <div class="row">
          <label class="pick row">
            <span class="small muted">{words.day}</span>
            <input
              class="input"
              type="date"
              value={wanted.day}
              onChange={(event) => filter({ day: event.currentTarget.value })}
            />
          </label>
          <label class="pick row">
            <span class="small muted">{words.kind}</span>
            <select
              class="input"
              value={wanted.kind}
              onChange={(event) => filter({ kind: event.currentTarget.value, id: undefined })}
            >
              <option value="">{words.all}</option>
              {all.map((kind) => (
                <option value={kind} key={kind}>
                  {named[kind] ?? kind}
                </option>
              ))}
            </select>
          </label>
          {may("can_manage_keys") && (
            <label class="pick row">
              <span class="small muted">{words.by}</span>
              <select
                class="input"
                value={wanted.by}
                onChange={(event) => filter({ key: event.currentTarget.value })}
              >
                <option value="">{words.anybody}</option>
                {keys?.map(({ id, name }) => (
                  <option value={id} key={id}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          )}
        </div>
        <Changes {...wanted} />
      </div>
    </Shell>
  );
}

/** Changes, by day; those of one object where `id` says so. */
export function Changes(props: { day?: string; kind?: string; id?: string; by?: string }) {
  const loaded = usePages((next, signal) => audit(props, next, signal), Object.values(props));
  const days = new Map<string, Change[]>();
  for (const change of loaded.data ?? []) {
    const day = change.at.slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), change]);
  }
  const narrowed = Boolean(props.day || props.kind || props.by);
  return (
    <div class="stack" aria-busy={loaded.busy}>
      <Waiting loaded={loaded} />
      {loaded.data?.length === 0 && !loaded.more && (
        <Empty>
          <p role="status">{narrowed ? words.noneSuch : words.none}</p>
          {narrowed && !props.id && (
            <Link onClick={() => filter({ day: "", kind: "", id: "", key: "" })}>{words.showAll}</Link>
          )}
        </Empty>
      )}
      {[...days].map(([day, changes]) => (
        <section class="stack tight" key={day}>
          <h2 class="day-head">{fullDay(day)}</h2>
          <ol class="panel">
            {changes.map((change) => (
              <One key={change.id} of={change} />
            ))}
          </ol>
        </section>
      ))}
      {loaded.more && (
        <div>
          <Button little busy={loaded.moreBusy && words.more} onClick={loaded.more}>
            {words.more}
          </Button>
        </div>
      )}
    </div>
  );
}

const SHORT = 40;

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return words.nothing;
  if (Array.isArray(value)) return value.map(shown).join(", ") || words.nothing;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Of people the desk keeps which fields were changed, and not what was in them. */
const known = ({ before, after }: Change["changes"][number]): boolean => (before ?? after ?? null) !== null;

function placeOf({ object }: Change): string | null {
  const { kind, id } = object;
  if (kind === "settings") return to(["settings"]);
  if (kind === "suppressed") return to(["mail", "suppressed"]);
  if (kind === "held-mail") return to(["mail", "held"]);
  if (kind === "queues") return to(["mail", "queues"]);
  if (typeof id !== "number" || !id) return null;
  if (kind === "keys") return to(["keys", id]);
  return kind in kinds.kinds ? to(["catalogue", kind, id]) : null;
}

function nameOf({ object }: Change): string {
  const { kind, id, name } = object;
  if (name) return name;
  if (kind === "queues") return mails.queues.names[String(id)] ?? String(id);
  if (typeof id === "string") return id;
  return id ? `${kinds.one[kind] ?? words.one[kind] ?? kind} #${id}` : words.kinds[kind] ?? kind;
}

/** "Active: offered and taken" is "Active" here. */
const fieldOf = (name: string): string => labelOf(name).replace(/[:(].*/, "").trim();

function One({ of }: { of: Change }) {
  const did = of.what.slice(of.what.lastIndexOf("_") + 1);
  const key = of.by.key === null ? words.theDesk : of.by.name ?? `#${of.by.key}`;
  const who = of.by.user ? `${of.by.user}, ${key}` : key;
  const agent = typeof of.by.agent === "string" ? of.by.agent : of.by.agent?.name;
  const where = did === "deleted" ? null : placeOf(of);
  const name = nameOf(of);
  const short = of.changes.every(
    (one) => shown(one.before).length <= SHORT && shown(one.after).length <= SHORT,
  );
  const brief = (of.changes.length <= 2 && short) || !of.changes.some(known);
  return (
    <li class="change">
      <span class="muted small" title={full(of.at)}>
        {new Date(of.at).toLocaleTimeString(undefined, { timeStyle: "short" })}
      </span>{" "}
      <Told class="strong" text={who} />
      {agent && <Told text={words.as(agent)} />} {words.did[did] ?? did}{" "}
      {where ? (
        <a href={where}>
          <Told text={name} />
        </a>
      ) : (
        <Told class="strong" text={name} />
      )}
      {brief &&
        of.changes.map((one) => (
          <span key={one.field}>
            {`; ${fieldOf(one.field).toLowerCase()}`}
            {known(one) && (
              <>
                {": "}
                <Told text={shown(one.before)} /> <span class="turn">→</span> <Told text={shown(one.after)} />
              </>
            )}
          </span>
        ))}
      {!brief && (
        <details>
          <summary class="small">{of.changes.map((one) => fieldOf(one.field)).join(", ")}</summary>
          <table class="clash small">
            <thead>
              <tr>
                <th scope="col">{words.field}</th>
                <th scope="col">{words.before}</th>
                <th scope="col">{words.after}</th>
              </tr>
            </thead>
            <tbody>
              {of.changes.map((one) => (
                <tr key={one.field}>
                  <th scope="row">{fieldOf(one.field)}</th>
                  <td>
                    <Told text={shown(one.before)} />
                  </td>
                  <td>
                    <Told text={shown(one.after)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </li>
  );
}
