// All keys: who may do what, from where, and since when unused.

import { useRef, useState } from "preact/hooks";

import { advisedKeys, changeKey, key as readKey, keys as readKeys, type KeyFilter as Filter } from "../../api";
import { useSaving } from "../../forms/merge";
import { useLoaded, useRested } from "../../loading";
import { usePages } from "../../pages";
import { Link } from "../../parts/button";
import { Segments } from "../../parts/field";
import { Heading } from "../../parts/heading";
import { Icon } from "../../parts/icons";
import { Empty, Foot, List, Waiting, type Column } from "../../parts/list";
import { say } from "../../parts/live";
import { Menu } from "../../parts/menu";
import { Refusal } from "../../parts/note";
import { Code, Told } from "../../parts/told";
import { filter, go, place, to } from "../../places";
import { Shell } from "../../shell";
import { dateWithYear, full } from "../../times";
import type { Key } from "../../types";
import { Attention } from "./advice";
import { useChoices } from "./choices";
import {
  boundOf,
  heldBy,
  mayOf,
  networkList,
  shortNetwork,
  stateOf,
  usedOf,
  type Names,
} from "./facts";
import { askToDelete } from "./delete";
import { Rotate } from "./rotate";
import { words } from "./words";

const FILTERS: Filter[] = ["all", "active", "ending", "unused", "off"];

/** A whole secret that is pasted is cut before it goes anywhere. */
function safe(query: string): string {
  const text = query.trim();
  return /^[0-9a-f]{7,}$/i.test(text) ? text.slice(0, 6).toLowerCase() : query;
}

export function KeyList() {
  const { query } = place.value;
  const q = query.get("q") ?? "";
  const show = (FILTERS as string[]).includes(query.get("show") ?? "") ? (query.get("show") as Filter) : "all";
  const [rotating, setRotating] = useState<Key>();
  const wanted = useRested(q.trim(), 250);
  const loaded = usePages((next, signal) => readKeys(wanted, show, next, signal), [wanted, show]);
  const advised = useLoaded(advisedKeys, []);
  const { names } = useChoices();
  const found = loaded.data;
  // What stands above the list comes with it: nothing is pushed down.
  const ready = found !== undefined && !(advised.busy && advised.data === undefined);

  const put = (changed: Key): void => {
    const replaced = (all: Key[]): Key[] =>
      all.map((one) => (one.id === changed.id ? { ...one, ...changed } : one));
    loaded.update(replaced);
    advised.update(replaced);
  };
  const drop = ({ id }: Key): void => {
    loaded.update((all) => all.filter((one) => one.id !== id));
    advised.update((all) => all.filter((one) => one.id !== id));
  };
  // A list has no ETags: each key is read before it is changed, and its row is what it was changed of.
  const touched = useRef(0);
  const { refused, run, save } = useSaving<Key>({
    change: (changes, match) => changeKey(touched.current, changes, match),
    read: () => readKey(touched.current),
    saved: ({ data }) => put(data),
  });
  const turn = (key: Key, active: boolean): void => {
    touched.current = key.id;
    void save({ data: { ...key, active: !active }, etag: null }, { active }).then((done) => {
      if (done) say(active ? words.onNow : words.offNow, () => turn(key, !active));
    });
  };
  const remove = (key: Key): void => {
    void run(async () => {
      const read = await readKey(key.id);
      put(read.data);
      void askToDelete(read, run, () => drop(key));
    });
  };
  const menu = (key: Key) => (
    <Menu
      label={words.menu.of(key.name)}
      entries={[
        { label: words.menu.rotate, act: () => setRotating(key) },
        key.active
          ? { label: words.menu.off, act: () => turn(key, false), off: heldBy(key) }
          : { label: words.menu.on, act: () => turn(key, true) },
        { label: words.menu.like, act: () => go(to(["keys", "new"], { for: "like", like: String(key.id) })) },
        {
          label: words.menu.remove,
          danger: true,
          act: () => remove(key),
          off: heldBy(key),
        },
      ]}
    />
  );
  return (
    <Shell>
      <Heading
        title={words.title}
        lead={words.lead}
        acts={
          <a class="button main" data-key="new" href={to(["keys", "new"])}>
            <Icon name="plus" size={16} />
            {words.newKey}
          </a>
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
              value={q}
              onInput={(event) => {
                event.currentTarget.value = safe(event.currentTarget.value);
                filter({ q: event.currentTarget.value });
              }}
            />
          </label>
          <Segments<Filter>
            legend={words.filter}
            value={show}
            choices={FILTERS.map((value) => ({ value, label: words.filters[value] }))}
            onValue={(value) => filter({ show: value === "all" ? undefined : value })}
          />
        </div>
        {ready && advised.data && (
          <Attention keys={advised.data} linked changed={({ data }) => put(data)} />
        )}
        <Refusal refused={refused} />
        <Waiting loaded={loaded} />
        {ready && found?.length === 0 ? (
          <Nothing q={wanted} none={!wanted && show === "all"} />
        ) : (
          <List<Key>
            key={ready ? "rows" : "grey"}
            caption={words.title}
            columns={columns(names)}
            items={ready ? found : undefined}
            id={(key) => key.id}
            menu={menu}
            busy={loaded.busy || (advised.busy && !advised.data)}
          />
        )}
        {ready && found && found.length > 0 && (
          <Foot
            text={words.count(found.length, Boolean(loaded.more))}
            more={loaded.more}
            busy={loaded.moreBusy}
          />
        )}
      </div>
      {rotating && <Rotate of={rotating} onClose={() => setRotating(undefined)} />}
    </Shell>
  );
}

function Nothing({ q, none }: { q: string; none: boolean }) {
  if (none) {
    return (
      <Empty>
        <p>{words.none}</p>
        <a class="button main" href={to(["keys", "new"])}>
          {words.newKey}
        </a>
      </Empty>
    );
  }
  return (
    <Empty>
      <p role="status">{q ? words.noneCalled(q) : words.noneSuch}</p>
      <Link onClick={() => filter({ q: undefined, show: undefined })}>{words.showAll}</Link>
    </Empty>
  );
}

const columns = (names: Names): Column<Key>[] => [
  {
    head: words.columns.name,
    share: 23,
    cell: (key) => (
      <>
        <a class="clamp" href={to(["keys", key.id])}>
          <Told text={key.name} />
        </a>
        {key.hint && <Code class="muted" text={`${key.hint}…`} />}
      </>
    ),
  },
  { head: words.columns.state, share: 14, cell: (key) => <StateOf of={key} /> },
  {
    head: words.columns.may,
    share: 18,
    cell: (key) => (
      <>
        <div class="clamp">{mayOf(key)}</div>
        {boundOf(key, names) && (
          <div class="small muted clamp">
            <Told text={boundOf(key, names)} />
          </div>
        )}
      </>
    ),
  },
  {
    head: words.columns.from,
    share: 16,
    line: true,
    cell: (key) => <From networks={key.networks} />,
  },
  {
    head: words.columns.used,
    share: 14,
    line: true,
    cell: (key) => (
      <span title={key.last_used ? full(key.last_used) : undefined}>
        <span class="only-narrow">{words.used(usedOf(key))}</span>
        <span class="only-wide">{usedOf(key)}</span>
      </span>
    ),
  },
  {
    head: words.columns.ends,
    share: 14,
    line: true,
    cell: (key) =>
      key.expires ? (
        <span title={full(key.expires)}>
          <span class="only-narrow">{words.endsPrefix} </span>
          {dateWithYear(key.expires)}
        </span>
      ) : (
        words.noEnd
      ),
  },
];

export function StateOf({ of }: { of: Key }) {
  const state = stateOf(of);
  return <span class={`state ${state.mark}`}>{state.text}</span>;
}

function From({ networks }: { networks: string[] }) {
  const [first, ...others] = networks;
  if (!first) return <span>{words.anyNetwork}</span>;
  return (
    <span>
      <bdi dir="ltr">{shortNetwork(first)}</bdi>{" "}
      {others.length > 0 && (
        <span class="small muted" title={networkList(others)}>
          {words.andMore(others.length)}
        </span>
      )}
    </span>
  );
}
