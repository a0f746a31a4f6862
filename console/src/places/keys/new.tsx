// A key in three acts: what it is for, its name, Create. All else has a default.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { allKeys, createKey } from "../../api";
import { newOnce } from "../../calls";
import { me } from "../../key";
import { useAct, useLoaded, useRested } from "../../loading";
import { Button } from "../../parts/button";
import { ask } from "../../parts/dialog";
import { Field, TextField } from "../../parts/field";
import { Heading } from "../../parts/heading";
import { Icon } from "../../parts/icons";
import { Refusal } from "../../parts/note";
import { Told } from "../../parts/told";
import { filter, go, hold, place, to } from "../../places";
import { Shell } from "../../shell";
import { words as common } from "../../words";
import { Customer, Narrower, Networks, Permissions, Until } from "./bounds";
import { useChoices } from "./choices";
import type { Names } from "./facts";
import { inWords } from "./inwords";
import { show } from "./secret";
import { begin, CARDS, endOf, likeKey, type Bounds, type Card } from "./templates";
import { words } from "./words";

/** The fields of the form that the desk's refusals may name. */
const FIELDS = ["name", "permissions", "networks", "expires", "departments", "agent", "customer"];

export function NewKey() {
  const { query } = place.value;
  const own = me.value?.key ?? { permissions: [], departments: [] };
  const card = CARDS.find((one) => one === query.get("for")) ?? "form";
  const likeId = Number(query.get("like")) || null;
  const [name, setName] = useState("");
  const [bounds, setBounds] = useState<Bounds>(() => begin(card === "like" ? "nothing" : card, own));
  const [touched, setTouched] = useState<ReadonlySet<keyof Bounds>>(new Set());
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const once = useRef(newOnce());
  const nameField = useRef<HTMLDivElement>(null);
  const { busy, refused, run } = useAct();
  const choices = useChoices();
  const others = useLoaded(allKeys, []);
  const like = others.data?.find((one) => one.id === likeId);

  // Another card overwrites only what nobody has touched.
  useEffect(() => {
    const fresh = card === "like" ? (like ? likeKey(like, own) : null) : begin(card, own);
    if (!fresh) return;
    setBounds((former) => ({
      ...fresh,
      ...Object.fromEntries([...touched].map((field) => [field, former[field]])),
    }));
  }, [card, like?.id]);

  // From a person's own place: the key is for them.
  const person = Number(query.get("customer")) || null;
  useEffect(() => {
    if (person === null) return;
    choices.found(person, query.get("called") ?? `#${person}`);
    setBounds((former) => ({ ...former, customer: person }));
  }, [person, card]);

  const dirty = name !== "" || touched.size > 0;
  useEffect(() => {
    const { title, text, stay, leave } = common.unsaved;
    hold(dirty ? () => ask({ title, text: <p>{text}</p>, safe: stay, act: leave }) : null);
    return () => hold(null);
  }, [dirty]);

  const set = (changes: Partial<Bounds>): void => {
    setBounds((former) => ({ ...former, ...changes }));
    setTouched((former) => new Set([...former, ...(Object.keys(changes) as (keyof Bounds)[])]));
    setWrong({});
  };
  const create = (event: Event): void => {
    event.preventDefault();
    const end = endOf(bounds);
    const found: Record<string, string> = {};
    if (!name.trim()) found["name"] = words.nameNeeded;
    if (bounds.limited && bounds.networks.length === 0) found["networks"] = words.networkNeeded;
    if (end === undefined) found["expires"] = words.dateNeeded;
    setWrong(found);
    if (found["name"]) nameField.current?.querySelector("input")?.focus();
    if (Object.keys(found).length > 0 || end === undefined) return;
    void run(async () => {
      const made = await createKey(
        {
          name: name.trim(),
          permissions: bounds.permissions,
          networks: bounds.limited ? bounds.networks : [],
          expires: end,
          departments: bounds.departments,
          agent: bounds.agent,
          customer: bounds.customer,
        },
        once,
      );
      hold(null);
      show(made, "made");
      go(to(["keys", made.id]));
    });
  };
  const parts = { bounds, set, refused, choices };
  const twice = others.data?.some((one) => one.name === name.trim());
  const button = (
    <Button submit kind="main" form="new-key" busy={busy && words.creating} class="whole">
      {words.create}
    </Button>
  );
  return (
    <Shell
      acts={
        <footer class="bar acts">
          <a class="button" href={to(["keys"])}>
            {common.cancel}
          </a>
          {button}
        </footer>
      }
    >
      <Heading title={words.heading.new} back={{ href: to(["keys"]), label: words.heading.back }} />
      <div class="aside">
        <form id="new-key" class="stack wide" onSubmit={create} noValidate>
          {refused && !FIELDS.includes(refused.field ?? "") && <Refusal refused={refused} />}
          <Cards card={card} />
          {card === "like" && (
            <div class="narrow">
              <Field label={words.likeWhich}>
                {(joined) => (
                  <select
                    {...joined}
                    class="input"
                    value={likeId ?? ""}
                    onChange={(event) => filter({ like: event.currentTarget.value })}
                  >
                    <option value="">{words.choose}</option>
                    {others.data?.map((one) => (
                      <option value={one.id} key={one.id}>
                        {one.name}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
            </div>
          )}
          {(card === "full" || card === "notific") && <p class="hint">{words.cardNotes[card]}</p>}
          <div ref={nameField}>
            <TextField
              label={words.name}
              name="name"
              refused={refused}
              wrong={wrong["name"]}
              hint={twice ? words.nameTwice : words.nameHint}
              value={name}
              maxLength={128}
              autocomplete="off"
              onValue={(value) => {
                setName(value);
                setWrong({});
              }}
            />
          </div>
          {card === "customer" && (
            <div class="narrow">
              <Customer {...parts} />
            </div>
          )}
          <Permissions {...parts} open={card === "nothing"} />
          <div>
            <Networks {...parts} />
            {wrong["networks"] && <p class="wrong">{wrong["networks"]}</p>}
          </div>
          <div>
            <Until {...parts} />
            {wrong["expires"] && <p class="wrong">{wrong["expires"]}</p>}
          </div>
          <Narrower {...parts} open={false} />
        </form>
        <aside>
          <InWords bounds={bounds} names={choices.names}>
            <div class="phone-not stack tight">{button}</div>
            <p class="small muted">{words.once}</p>
          </InWords>
        </aside>
      </div>
    </Shell>
  );
}

function Cards({ card }: { card: Card }) {
  return (
    <fieldset class="stack tight">
      <legend>
        <h2>{words.purpose}</h2>
      </legend>
      <div class="cards">
        {CARDS.map((one) => {
          const [title, says] = words.cards[one];
          return (
            <label class="card" key={one}>
              <input
                type="radio"
                name="for"
                checked={card === one}
                onChange={() => filter({ for: one, like: undefined })}
              />
              <span>
                <b>{title}</b>
                <span class="small muted">{says}</span>
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

function InWords(props: { bounds: Bounds; names: Names; children: ComponentChildren }) {
  const limits = me.value?.limits ?? { per_second: 10, burst: 20 };
  const said = inWords(props.bounds, limits, props.names);
  const spoken = useRested([...said.lines.map((line) => line.text), ...said.rest].join(". "), 500);
  return (
    <section class="panel" aria-labelledby="in-words">
      <h2 id="in-words">{words.inWords}</h2>
      <ul class="stack tight">
        {said.lines.map((line) => (
          <li key={line.text} class={`said ${line.may ? "" : "muted"}`}>
            <Icon name={line.may ? "check" : "minus"} size={16} />
            <span>{line.text}</span>
          </li>
        ))}
      </ul>
      <p class="small">
        <Told text={said.rest.join(" ")} />
      </p>
      <div class="unseen" aria-live="polite">
        {spoken}
      </div>
      {props.children}
    </section>
  );
}
