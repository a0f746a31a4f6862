// One key: its bounds, which secrets work, how much it is used.

import { useEffect, useState } from "preact/hooks";

import { changeKey, endOldSecret, key as readKey } from "../../api";
import { permissionList } from "../../desk";
import type { Answer } from "../../calls";
import { useSaving } from "../../forms/merge";
import { useAct, useLoaded } from "../../loading";
import { Button } from "../../parts/button";
import { ask } from "../../parts/dialog";
import { TextField } from "../../parts/field";
import { Heading } from "../../parts/heading";
import { Waiting } from "../../parts/list";
import { say } from "../../parts/live";
import { Menu } from "../../parts/menu";
import { Note, Refusal } from "../../parts/note";
import { Code, Told } from "../../parts/told";
import { go, hold, to } from "../../places";
import { Shell } from "../../shell";
import { date, dateAndTime, dateWithYear, dayHere, full } from "../../times";
import type { Key } from "../../types";
import { words as common } from "../../words";
import { Changes } from "../history/history";
import { Attention } from "./advice";
import { Narrower, Networks, Permissions, Until } from "./bounds";
import { useChoices } from "./choices";
import { askToDelete } from "./delete";
import { heldBy, mayOf, networkList, overlapping, usedOf, type Names } from "./facts";
import { StateOf } from "./list";
import { Rotate } from "./rotate";
import { CheckKey } from "./secret";
import { endOf, type Bounds } from "./templates";
import { UsageOf } from "./usage";
import { words } from "./words";

export function OneKey({ id }: { id: number }) {
  const loaded = useLoaded((signal) => readKey(id, signal), [id]);
  const [rotating, setRotating] = useState(false);
  const [changing, setChanging] = useState(false);
  const { refused, run, save } = useSaving<Key>({
    change: (changes, match) => changeKey(id, changes, match),
    read: () => readKey(id),
    saved: loaded.set,
  });
  const choices = useChoices();
  const back = { href: to(["keys"]), label: words.title };
  if (!loaded.data) {
    return (
      <Shell>
        <Heading title={words.title} back={back} />
        <Waiting loaded={loaded} />
      </Shell>
    );
  }
  const read = loaded.data;
  const key = read.data;
  const held = heldBy(key);
  const turn = (active: boolean): void => {
    void save({ ...read, data: { ...key, active: !active } }, { active }).then((done) => {
      if (done) say(active ? words.onNow : words.offNow, () => turn(!active));
    });
  };
  const acts = (
    <>
      <Button onClick={() => setRotating(true)}>{words.menu.rotate}</Button>
      <Button disabled={held !== undefined} onClick={() => turn(!key.active)}>{key.active ? words.menu.off : words.menu.on}</Button>
      <Menu
        label={words.menu.of(key.name)}
        entries={[
          { label: words.menu.like, act: () => go(to(["keys", "new"], { for: "like", like: String(id) })) },
          {
            label: words.menu.remove,
            danger: true,
            act: () => void askToDelete(read, run, () => go(to(["keys"]))),
            off: held,
          },
        ]}
      />
    </>
  );
  return (
    <Shell>
      <Heading
        title={key.name}
        back={back}
        lead={
          <span>
            <StateOf of={key} /> {key.hint && <> · <Code text={`${key.hint}…`} /></>}
            <Made of={key} />
          </span>
        }
        acts={acts}
      />
      <div class="stack">
        <Refusal refused={refused} />
        {held && <p class="muted">{held}</p>}
        <Attention keys={[key]} linked={false} changed={loaded.set} />
        <TwoSecrets of={key} ended={loaded.reload} />
        <div class={changing ? "" : "columns"}>
          <section class="panel">
            <h2>{words.bounds}</h2>
            {changing ? (
              <Change
                read={read}
                choices={choices}
                close={() => setChanging(false)}
                saved={(answer) => {
                  loaded.set(answer);
                  setChanging(false);
                  say(words.savedSoon);
                }}
              />
            ) : (
              <>
                <Facts of={key} names={choices.names} />
                <div>
                  <Button onClick={() => setChanging(true)}>{common.change}</Button>
                </div>
              </>
            )}
          </section>
          {!changing && (
            <section class="panel">
              <h2>{words.tryIt}</h2>
              <CheckKey of={key} />
            </section>
          )}
        </div>
        {!changing && <UsageOf id={id} />}
      </div>
      {!changing && (
        <section class="stack tight happened">
          <h2>{words.happened}</h2>
          <Changes kind="keys" id={String(id)} />
        </section>
      )}
      {rotating && <Rotate of={key} onClose={() => setRotating(false)} />}
    </Shell>
  );
}

function Made({ of }: { of: Key }) {
  if (!of.created) return null;
  const on = dateWithYear(of.created);
  return (
    <>
      {" · "}
      <Told
        text={of.created_by ? words.heading.madeBy(of.created_by.name, on) : words.heading.made(on)}
      />
    </>
  );
}

function Facts({ of, names }: { of: Key; names: Names }) {
  return (
    <dl class="facts">
      <dt>{words.facts.may}</dt>
      <dd>{mayOf(of)}</dd>
      <dt>{words.facts.from}</dt>
      <dd>
        <bdi dir="ltr">{networkList(of.networks) || words.anyNetwork}</bdi>
      </dd>
      <dt>{words.facts.ends}</dt>
      <dd>{of.expires ? full(of.expires) : words.noEnd}</dd>
      <dt>{words.facts.departments}</dt>
      <dd>
        <Told text={of.departments.map((one) => names.department(one)).join(", ") || words.all} />
      </dd>
      {of.customer === null ? (
        <>
          <dt>{words.facts.actsAs}</dt>
          <dd>
            <Told text={of.agent === null ? words.itself : names.agent(of.agent)} />
          </dd>
        </>
      ) : (
        <>
          <dt>{words.facts.customer}</dt>
          <dd>
            <Told text={names.person(of.customer)} />
          </dd>
        </>
      )}
      <dt>{words.facts.used}</dt>
      <dd title={of.last_used ? full(of.last_used) : undefined}>{usedOf(of)}</dd>
    </dl>
  );
}

function TwoSecrets({ of, ended }: { of: Key; ended: () => void }) {
  const { busy, refused, run } = useAct();
  const old = of.old_secret;
  if (!old || !overlapping(of)) return null;
  const used = (at: string | null): string => (at ? words.lastUsed(dateAndTime(at)) : words.notUsed);
  return (
    <Note kind="warn">
      <b>{words.twoWork}</b> {words.twoNew(`${of.hint ?? ""}…`, used(of.secret_used ?? null))}{" "}
      {words.twoOld(`${old.hint ?? ""}…`, used(old.last_used), dateAndTime(old.ends))}
      {!old.last_used && <p>{words.twoUnused}</p>}
      <Refusal refused={refused} />
      <div class="row">
        <Button
          little
          busy={busy && common.saving}
          onClick={() =>
            void run(async () => {
              await endOldSecret(of.id);
              say(words.endedNow);
              ended();
            })
          }
        >
          {words.endNow}
        </Button>
      </div>
    </Note>
  );
}

function boundsOf(key: Key): Bounds {
  return {
    permissions: key.permissions,
    limited: key.networks.length > 0,
    networks: key.networks,
    end: key.expires ? "date" : "none",
    day: key.expires ? dayHere(key.expires) : "",
    departments: key.departments,
    agent: key.agent,
    customer: key.customer,
  };
}

/** Only what is different from the key as it was read. */
function changesOf(key: Key, name: string, bounds: Bounds): Partial<Key> {
  const before = boundsOf(key);
  const end = endOf(bounds);
  const same = (one: readonly (string | number)[], other: readonly (string | number)[]): boolean =>
    [...one].sort().join() === [...other].sort().join();
  const networks = bounds.limited ? bounds.networks : [];
  return {
    ...(name.trim() !== key.name ? { name: name.trim() } : {}),
    ...(same(bounds.permissions, key.permissions) ? {} : { permissions: bounds.permissions }),
    ...(same(networks, key.networks) ? {} : { networks }),
    ...(end !== undefined && (bounds.end !== before.end || bounds.day !== before.day) ? { expires: end } : {}),
    ...(same(bounds.departments, key.departments) ? {} : { departments: bounds.departments }),
    ...(bounds.agent === key.agent ? {} : { agent: bounds.agent }),
    ...(bounds.customer === key.customer ? {} : { customer: bounds.customer }),
  };
}

/** The changes in sentences, to be read before they are saved. */
function told(key: Key, changes: Partial<Key>, names: Names): string[] {
  const { change } = words;
  const said: string[] = [];
  const more = <T,>(now: readonly T[], before: readonly T[]): T[] =>
    now.filter((one) => !before.includes(one));
  if (changes.name !== undefined) said.push(change.name(changes.name));
  if (changes.permissions) {
    const also = more(changes.permissions, key.permissions);
    const not = more(key.permissions, changes.permissions);
    if (also.length > 0) said.push(change.mayAlso(permissionList(also)));
    if (not.length > 0) said.push(change.mayNot(permissionList(not)));
  }
  if (changes.networks) {
    const also = more(changes.networks, key.networks);
    const not = more(key.networks, changes.networks);
    if (changes.networks.length === 0) said.push(change.fromAny);
    else if (key.networks.length === 0) said.push(change.fromOnly(changes.networks.join(", ")));
    else {
      if (also.length > 0) said.push(change.fromAlso(also.join(", ")));
      if (not.length > 0) said.push(change.fromNot(not.join(", ")));
    }
  }
  if (changes.expires !== undefined) {
    said.push(changes.expires ? change.ends(date(changes.expires)) : change.noEnd);
  }
  if (changes.departments) {
    const list = changes.departments.map((id) => names.department(id)).join(", ");
    said.push(change.departments(list || words.all));
  }
  if (changes.agent !== undefined) {
    said.push(change.agent(changes.agent === null ? words.itself : names.agent(changes.agent)));
  }
  if (changes.customer !== undefined) {
    const who = changes.customer === null ? words.nobody : names.person(changes.customer);
    said.push(change.customer(who));
  }
  return said;
}

/** One value of a key as text. */
function shownBound(field: keyof Key, value: unknown, names: Names): string {
  const list = Array.isArray(value) ? (value as (string | number)[]) : [];
  if (field === "permissions") return permissionList(list.map(String)) || words.nothing;
  if (field === "networks") return networkList(list.map(String)) || words.anyNetwork;
  if (field === "expires") return value ? full(String(value)) : words.noEnd;
  if (field === "departments") return list.map((one) => names.department(Number(one))).join(", ") || words.all;
  if (field === "agent") return value === null ? words.itself : names.agent(Number(value));
  if (field === "customer") return value === null ? words.nobody : names.person(Number(value));
  return String(value);
}

function Change(props: {
  read: Answer<Key>;
  choices: ReturnType<typeof useChoices>;
  close: () => void;
  saved: (answer: Answer<Key>) => void;
}) {
  const { read, choices, close, saved } = props;
  const of = read.data;
  const [name, setName] = useState(of.name);
  const [bounds, setBounds] = useState(() => boundsOf(of));
  const { busy, refused, save, question } = useSaving<Key>({
    change: (changes, match) => changeKey(of.id, changes, match),
    read: () => readKey(of.id),
    saved,
  });
  const changes = changesOf(of, name, bounds);
  const sentences = told(of, changes, choices.names);
  const dirty = sentences.length > 0;
  const incomplete = bounds.limited && bounds.networks.length === 0;
  useEffect(() => {
    const { title, text, stay, leave } = common.unsaved;
    hold(dirty ? () => ask({ title, text: <p>{text}</p>, safe: stay, act: leave }) : null);
    return () => hold(null);
  }, [dirty]);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (dirty && !incomplete) void save(read, changes);
  };
  const parts = {
    bounds,
    set: (changed: Partial<Bounds>) => setBounds((former) => ({ ...former, ...changed })),
    refused,
    choices,
    held: heldBy(of),
  };
  const known = ["name", "permissions", "networks", "expires", "departments", "agent", "customer"];
  return (
    <form class="stack wide" onSubmit={submit} noValidate>
      <TextField
        label={words.name}
        name="name"
        refused={refused}
        hint={words.nameHint}
        value={name}
        maxLength={128}
        autocomplete="off"
        onValue={setName}
      />
      <Permissions {...parts} open />
      <Networks {...parts} />
      <Until {...parts} />
      <Narrower {...parts} open={of.departments.length > 0 || of.agent !== null || of.customer !== null} />
      <section class="stack tight" aria-live="polite">
        <h3>{words.changes}</h3>
        {dirty ? (
          <ul>
            {sentences.map((sentence) => (
              <li key={sentence}>
                <Told text={sentence} />
              </li>
            ))}
          </ul>
        ) : (
          <p class="muted">{words.noChange}</p>
        )}
        {incomplete && <p class="wrong">{words.networkNeeded}</p>}
      </section>
      {refused && !known.includes(refused.field ?? "") && <Refusal refused={refused} />}
      {question((field, value) => shownBound(field, value, choices.names))}
      <div class="row">
        <Button submit kind="main" busy={busy && common.saving} disabled={!dirty || incomplete}>
          {common.save}
        </Button>
        <Button onClick={close}>{common.cancel}</Button>
      </div>
    </form>
  );
}
