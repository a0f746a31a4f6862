// The bounds of a key as fields: what it may do, from where, until when, and narrower still.

import { useEffect, useState } from "preact/hooks";

import { people } from "../../api";
import type { Refused } from "../../calls";
import { schema } from "../../desk";
import { me } from "../../key";
import { useLoaded, useRested } from "../../loading";
import { Button, Link } from "../../parts/button";
import { Check, Field, Radios, TextField, Wrong } from "../../parts/field";
import { Icon } from "../../parts/icons";
import { Code, Told } from "../../parts/told";
import { dayHere, full } from "../../times";
import type { Row } from "../../types";
import { mayOf, type Names } from "./facts";
import { readNetwork } from "./networks";
import { endOf, type Bounds, type End } from "./templates";
import { words } from "./words";

export interface Choices {
  departments: Row[];
  agents: Row[];
  names: Names;
  /** Remembers the name of a person who was found. */
  found: (id: number, name: string) => void;
}

interface Props {
  bounds: Bounds;
  set: (changes: Partial<Bounds>) => void;
  refused: Refused | undefined;
  choices: Choices;
  /** Why the desk would take nothing of it away, and no end. */
  held?: string | undefined;
}

export function Permissions({ bounds, set, refused, held, open }: Props & { open: boolean }) {
  const own = me.value?.key.permissions ?? [];
  const all = schema.value?.permissions ?? [];
  const has = new Set(bounds.permissions);
  const beyond = refused?.field === "permissions" ? refused.message : undefined;
  useEffect(() => {
    // What the desk has refused to give is named there, and not asked for again.
    const given = bounds.permissions.filter((one) => own.includes(one));
    if (beyond && refused?.status === 403) set({ permissions: given });
  }, [refused]);
  return (
    <details class="fold" open={open || beyond !== undefined}>
      <summary>
        <Icon name="turn" turn />
        {words.may}
        <span class="sum">{mayOf(bounds)}</span>
      </summary>
      <div>
        <Wrong text={beyond} />
        {(["tickets", "desk"] as const).map((group) => (
          <fieldset class="stack tight" key={group}>
            <legend>{words.groups[group]}</legend>
            {all
              .filter((one) => one.group === group)
              .map((one) => {
                const mine = own.includes(one.name);
                const kept = one.name === "can_manage_keys" ? held : undefined;
                return (
                  <Check
                    key={one.name}
                    label={
                      <>
                        {one.words} <code class="muted">{one.name}</code>
                      </>
                    }
                    hint={[one.note, mine ? kept : words.lacks].filter(Boolean).join(" ") || undefined}
                    checked={has.has(one.name)}
                    disabled={kept !== undefined || (!mine && !has.has(one.name))}
                    onValue={(ticked) => {
                      const changed = new Set(has);
                      if (ticked) changed.add(one.name);
                      else changed.delete(one.name);
                      set({ permissions: [...changed] });
                    }}
                  />
                );
              })}
          </fieldset>
        ))}
        {has.size === 0 && <p class="hint">{words.mayNothing}</p>}
        {has.has("can_manage_keys") && !bounds.limited && <p class="hint">{words.makesOthers}</p>}
      </div>
    </details>
  );
}

export function Networks({ bounds, set, refused }: Props) {
  const [typed, setTyped] = useState("");
  const [meant, setMeant] = useState<{ typed: string; either: [string, string] }>();
  const [wrong, setWrong] = useState("");
  const address = me.value?.address;
  const add = (network: string): void => {
    setTyped("");
    setMeant(undefined);
    setWrong("");
    if (!bounds.networks.includes(network)) set({ networks: [...bounds.networks, network] });
  };
  const read = (text: string): void => {
    setWrong("");
    setMeant(undefined);
    const added: string[] = [];
    let rest = "";
    for (const part of text.split(/[\s,;]+/).filter(Boolean)) {
      const one = readNetwork(part);
      if ("network" in one) added.push(one.network);
      else {
        rest = part;
        if ("meant" in one) setMeant({ typed: part, either: one.meant });
        else setWrong(words.networkWrong(part));
      }
    }
    setTyped(rest);
    if (added.length > 0) set({ networks: [...new Set([...bounds.networks, ...added])] });
  };
  return (
    <section class="stack tight">
      <h2>{words.from}</h2>
      <Radios
        legend={words.from}
        quiet
        value={bounds.limited ? "these" : "any"}
        choices={[
          { value: "any", label: words.anyNetworkChoice },
          { value: "these", label: words.onlyThese },
        ]}
        onValue={(value) => set({ limited: value === "these" })}
      />
      {!bounds.limited && <p class="hint">{words.fixedAddress}</p>}
      {bounds.limited && (
        <>
          {bounds.networks.length > 0 && (
            <ul class="chips">
              {bounds.networks.map((network) => (
                <li class="chip" key={network}>
                  <Code text={network} />
                  <button
                    type="button"
                    class="icon"
                    aria-label={words.removeNetwork(network)}
                    onClick={() => set({ networks: bounds.networks.filter((one) => one !== network) })}
                  >
                    <Icon name="cross" size={14} />
                  </button>
                </li>
              ))}
            </ul>
          )}
          <div class="narrow">
            <Field
              label={words.network}
              hint={words.networkHint}
              name="networks"
              refused={refused}
              wrong={
                meant
                  ? `${words.networkBits(meant.typed)} ${meant.either.join(` ${words.or} `)}?`
                  : wrong || undefined
              }
            >
              {(joined) => (
                <div class="joined">
                  <input
                    {...joined}
                    class="input mono"
                    dir="ltr"
                    spellcheck={false}
                    autocomplete="off"
                    value={typed}
                    onInput={(event) => {
                      const text = event.currentTarget.value;
                      if (/[\s,;]/.test(text.trim()) || /[,;\s]$/.test(text)) read(text);
                      else setTyped(text);
                    }}
                    onKeyDown={(event) => {
                      if (event.key !== "Enter" || event.ctrlKey || !typed.trim()) return;
                      event.preventDefault();
                      read(typed);
                    }}
                    onBlur={() => typed.trim() && read(typed)}
                  />
                  <Button onClick={() => read(typed)}>{words.addNetwork}</Button>
                </div>
              )}
            </Field>
          </div>
          {meant && (
            <div class="row">
              {meant.either.map((network) => (
                <Button little key={network} onClick={() => add(network)}>
                  <Code text={network} />
                </Button>
              ))}
            </div>
          )}
          {address && !bounds.networks.includes(address) && (
            <p class="small">
              <Link onClick={() => add(address)}>{words.addMine(address)}</Link>{" "}
              <span class="muted">{words.mineHint}</span>
            </p>
          )}
        </>
      )}
    </section>
  );
}

export function Until({ bounds, set, refused, held }: Props) {
  const end = endOf(bounds);
  const past = typeof end === "string" && Date.parse(end) < Date.now();
  const simple = bounds.permissions.length === 1 && bounds.permissions[0] === "can_create_tickets";
  return (
    <section class="stack tight">
      <h2>{words.until}</h2>
      <Radios<End>
        legend={words.until}
        quiet
        value={bounds.end}
        choices={(["none", "d30", "d90", "d365", "date"] as const).map((value) => ({
          value,
          label: words.ends[value],
          disabled: held !== undefined && value !== "none",
        }))}
        onValue={(value) => {
          const from = typeof end === "string" ? dayHere(end) : bounds.day;
          set({ end: value, ...(value === "date" ? { day: from } : {}) });
        }}
      />
      {bounds.end === "date" && (
        <TextField
          class="narrow"
          type="date"
          label={words.endDate}
          name="expires"
          refused={refused}
          wrong={past ? words.datePast : undefined}
          value={bounds.day}
          onValue={(day) => set({ day })}
        />
      )}
      {bounds.end !== "date" && refused?.field === "expires" && <Wrong text={refused.message} />}
      {typeof end === "string" && !past && <p class="hint">{words.untilFull(full(end))}</p>}
      {end === null && simple && <p class="hint">{words.whyNoEnd}</p>}
      {held && <p class="hint">{held}</p>}
    </section>
  );
}

export function Narrower({ bounds, set, refused, choices, held, open }: Props & { open: boolean }) {
  const { departments, agents, names } = choices;
  const blamed = ["departments", "agent", "customer"].includes(refused?.field ?? "");
  const who =
    bounds.agent !== null
      ? words.sumAgent(names.agent(bounds.agent))
      : bounds.customer !== null
        ? words.sumCustomer(names.person(bounds.customer))
        : words.sumItself;
  const seen =
    bounds.departments.length === 0
      ? words.allDepartments
      : bounds.departments.map((id) => names.department(id)).join(", ");
  return (
    <details class="fold" open={open || blamed}>
      <summary>
        <Icon name="turn" turn />
        {words.narrower}
        <span class="sum">
          <Told text={words.sum(seen, who)} />
        </span>
      </summary>
      <div>
        {held && <p class="hint">{held}</p>}
        {departments.length > 0 && (
          <fieldset class="stack tight">
            <legend>{words.departments}</legend>
            <p class="hint">{words.departmentsHint}</p>
            <Wrong text={refused?.field === "departments" ? refused.message : undefined} />
            <div class="choices">
              {departments.map((row) => (
                <label class="choice" key={row.id}>
                  <input
                    type="checkbox"
                    disabled={held !== undefined}
                    checked={bounds.departments.includes(row.id)}
                    onChange={(event) => {
                      const others = bounds.departments.filter((id) => id !== row.id);
                      set({ departments: event.currentTarget.checked ? [...others, row.id] : others });
                    }}
                  />
                  <Told text={row.name} />
                </label>
              ))}
            </div>
          </fieldset>
        )}
        <div class="narrow">
          <Field
            label={words.agent}
            name="agent"
            refused={refused}
            hint={bounds.customer !== null ? words.agentOrCustomer : undefined}
          >
            {(joined) => (
              <select
                {...joined}
                class="input"
                disabled={bounds.customer !== null}
                value={bounds.agent ?? ""}
                onChange={(event) => set({ agent: Number(event.currentTarget.value) || null })}
              >
                <option value="">{words.itself}</option>
                {agents.map((row) => (
                  <option value={row.id} key={row.id}>
                    {row.name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <div class="narrow">
          <Customer {...{ bounds, set, refused, choices, held }} />
        </div>
      </div>
    </details>
  );
}

export function Customer({ bounds, set, refused, choices, held }: Props) {
  const [typed, setTyped] = useState("");
  const q = useRested(typed.trim(), 250);
  const found = useLoaded((signal) => (q.length < 2 ? Promise.resolve([]) : people(q, signal)), [q]);
  if (bounds.customer !== null) {
    return (
      <div class="field">
        <span class="label">{words.customer}</span>
        <div class="row">
          <Told text={choices.names.person(bounds.customer)} />
          <Button little onClick={() => set({ customer: null })}>
            {words.customerRemove}
          </Button>
        </div>
        <Wrong text={refused?.field === "customer" ? refused.message : undefined} />
      </div>
    );
  }
  return (
    <>
      <TextField
        label={words.customer}
        name="customer"
        refused={refused}
        placeholder={words.customerFind}
        autocomplete="off"
        disabled={bounds.agent !== null || held !== undefined}
        hint={bounds.agent !== null ? words.agentOrCustomer : words.customerHint}
        wrong={found.refused?.message}
        value={typed}
        onValue={setTyped}
      />
      <ul class="stack tight" aria-busy={found.busy}>
        {(found.data ?? []).slice(0, 8).map((person) => (
          <li key={person.id}>
            <Link
              onClick={() => {
                choices.found(person.id, person.name);
                set({ customer: person.id });
              }}
            >
              <Told text={person.name} /> <Told text={person.email} />
            </Link>
          </li>
        ))}
      </ul>
      {q.length >= 2 && found.data?.length === 0 && !found.busy && (
        <p class="hint">{words.customerNone}</p>
      )}
    </>
  );
}
