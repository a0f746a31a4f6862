// The frame around every place: where one can go, who is signed in, and what was just done.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { may } from "./desk";
import { me, signOut } from "./key";
import { helping, singleKeys } from "./keyboard";
import { toDo, updated } from "./news";
import { Button, Link } from "./parts/button";
import { Dialog } from "./parts/dialog";
import { Check, Radios } from "./parts/field";
import { Icon, type IconName } from "./parts/icons";
import { Note } from "./parts/note";
import { Told } from "./parts/told";
import { mayLeave, place, to } from "./places";
import { theme, type Theme } from "./theme";
import { number } from "./times";
import { words } from "./words";

interface Door {
  name: "start" | "keys" | "tickets" | "mail" | "catalogue" | "settings" | "history";
  needs: string[];
}

/** The places that there are, in the order of the rail. */
const DOORS: Door[] = [
  { name: "start", needs: ["can_manage_keys", "can_manage_directory", "can_manage_desk"] },
  { name: "keys", needs: ["can_manage_keys"] },
  { name: "tickets", needs: ["can_read_tickets", "can_search_tickets", "can_read_stats"] },
  { name: "mail", needs: ["can_manage_desk", "can_manage_directory"] },
  { name: "catalogue", needs: ["can_manage_directory"] },
  { name: "settings", needs: ["can_manage_desk"] },
  { name: "history", needs: ["can_manage_keys", "can_manage_directory", "can_manage_desk"] },
];

/** Those in the bar of a phone; the others stand in its last. */
const IN_BAR = 4;

/** Where the explorer of each API stands below its address. */
const EXPLORERS = {
  osticket: "/docs",
  zammad: "/api/v1/docs",
  notific: "/api/docs",
  admin: "/api/admin/docs",
};

function doors(): Door[] {
  return DOORS.filter((door) => may(...door.needs));
}

/** Where a key begins: the first place that it may see. */
export function firstPlace(): string {
  return to([doors()[0]?.name ?? "sign-in"]);
}

export function needsOf(name: string | undefined): string[] | undefined {
  return DOORS.find((door) => door.name === name)?.needs;
}

function Go({ door }: { door: Door }) {
  const current = place.value.parts[0] === door.name;
  const count = toDo(door.name);
  return (
    <a href={to([door.name])} aria-current={current ? "page" : undefined} title={words.nav[door.name]}>
      <Icon name={door.name as IconName} />
      <span class="word">{words.nav[door.name]}</span>
      {count > 0 && (
        <span class="count">
          <span aria-hidden="true">{number(count)}</span>
          <span class="unseen">{words.nav.toDo(count)}</span>
        </span>
      )}
    </a>
  );
}

async function leave(): Promise<void> {
  if (await mayLeave()) signOut();
}

/** The key, and the person who acts as it. */
function Who() {
  const { key, user } = me.value ?? {};
  return (
    <>
      <Told class="strong" text={key?.name ?? ""} />
      {user && (
        <>
          {" "}
          <Told text={user} />
        </>
      )}
    </>
  );
}

function Mark() {
  const title = me.value?.desk.title ?? "";
  return (
    <>
      <span class="mark" aria-hidden="true">
        {[...title.trim()][0]?.toUpperCase() ?? "D"}
      </span>
      <span class="name">
        <Told text={title} />
      </span>
    </>
  );
}

function Others() {
  return (
    <div class="stack">
      <Radios<Theme>
        legend={words.theme.legend}
        value={theme.value}
        onValue={(value) => {
          theme.value = value;
        }}
        choices={[
          { value: "system", label: words.theme.system },
          { value: "light", label: words.theme.light },
          { value: "dark", label: words.theme.dark },
        ]}
      />
      <Check
        label={words.shortcuts.on}
        hint={words.shortcuts.list.map(([keys]) => keys).join(" · ")}
        checked={singleKeys.value}
        onValue={(on) => {
          singleKeys.value = on;
        }}
      />
      {me.value?.explorers && (
        <p>
          {words.nav.explorer}:{" "}
          {Object.entries(EXPLORERS)
            .filter(([name]) => me.value?.addresses[name])
            .map(([name, path], at) => (
              <span key={name}>
                {at > 0 && " · "}
                {/* In this tab, which holds the key: an explorer on this host takes it from there. */}
                <a href={`${me.value?.addresses[name]}${path}`}>{words.nav.families[name]}</a>
              </span>
            ))}
        </p>
      )}
      <p class="muted small">
        {words.nav.signedInWith} <Who />
      </p>
      <Button onClick={() => void leave()}>{words.nav.signOut}</Button>
    </div>
  );
}

export function Shell({ children, acts }: { children: ComponentChildren; acts?: ComponentChildren }) {
  const [more, setMore] = useState(false);
  const all = doors();
  const inBar = all.length > IN_BAR + 1 ? all.slice(0, IN_BAR) : all;
  const hidden = all.slice(inBar.length);
  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={skip}>
        {words.skip}
      </a>
      <header class="rail">
        <div class="desk">
          <Mark />
        </div>
        <nav class="places" aria-label={words.places}>
          {all.map((door) => (
            <Go door={door} key={door.name} />
          ))}
        </nav>
        <div class="who stack tight">
          <div class="small">
            <div class="muted">{words.nav.signedInWith}</div>
            <Who />
          </div>
          <div class="row">
            <Link onClick={() => void leave()}>{words.nav.signOut}</Link>
            <Link onClick={() => setMore(true)}>{words.more}</Link>
          </div>
        </div>
      </header>
      <header class="top">
        <Mark />
      </header>
      <main id="content">
        {updated.value && (
          <div class="banner" role="status">
            <Note kind="warn">
              {words.updated} <Link onClick={() => location.reload()}>{words.reload}</Link>
            </Note>
          </div>
        )}
        {children}
      </main>
      {acts ?? (
        <nav class="bar" aria-label={words.places}>
          {inBar.map((door) => (
            <Go door={door} key={door.name} />
          ))}
          <button type="button" onClick={() => setMore(true)}>
            <Icon name="more" />
            {words.more}
          </button>
        </nav>
      )}
      {more && (
        <Dialog title={words.more} onClose={() => setMore(false)}>
          {hidden.length > 0 && (
            <nav class="places" aria-label={words.places} onClick={() => setMore(false)}>
              {hidden.map((door) => (
                <Go door={door} key={door.name} />
              ))}
            </nav>
          )}
          <Others />
          <div class="acts">
            <Button onClick={() => setMore(false)}>{words.shortcuts.close}</Button>
          </div>
        </Dialog>
      )}
      {helping.value && <Help />}
    </div>
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("main h1")?.focus();
}

function Help() {
  const close = (): void => {
    helping.value = false;
  };
  return (
    <Dialog title={words.shortcuts.title} onClose={close}>
      <dl class="facts">
        {words.shortcuts.list.map(([keys, does]) => (
          <>
            <dt>
              <kbd class="mono">{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </>
        ))}
      </dl>
      <div class="acts">
        <Button onClick={close}>{words.shortcuts.close}</Button>
      </div>
    </Dialog>
  );
}
