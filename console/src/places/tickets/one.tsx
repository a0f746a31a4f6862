// One conversation: the thread, the facts beside it, and the box to answer.

import { useState } from "preact/hooks";

import { rowsOrNone } from "../../api";
import { newOnce } from "../../calls";
import { may } from "../../desk";
import { coming, useAct, useLoaded } from "../../loading";
import { Button } from "../../parts/button";
import { copy } from "../../parts/copy";
import { ask } from "../../parts/dialog";
import { Heading } from "../../parts/heading";
import { Icon } from "../../parts/icons";
import { Waiting } from "../../parts/list";
import { say } from "../../parts/live";
import { Menu } from "../../parts/menu";
import { usePrinting } from "../../parts/printing";
import { Refusal } from "../../parts/note";
import { Steps } from "../../parts/steps";
import { Told } from "../../parts/told";
import { go, to } from "../../places";
import { Shell } from "../../shell";
import { date, dateWithYear, full } from "../../times";
import type { Row } from "../../types";
import { Linking, Merging, Move, type Action } from "./actions";
import { Answer } from "./answer";
import { changeTicket, deleteTicket, linkTicket, ticket as readTicket, unlinkTicket } from "./api";
import { EntryView } from "./entry";
import { Facts } from "./facts";
import { listed, TicketState } from "./list";
import type { Happening, Ticket } from "./types";
import { words } from "./words";

const KINDS = ["statuses", "departments", "agents", "teams", "priorities"];

/** Entries before the last ten are folded, and load when they are opened. */
const OPEN = 10;

export type Rows = Record<string, Row[]>;

export function OneTicket({ reference }: { reference: string }) {
  const loaded = useLoaded((signal) => readTicket(reference, signal), [reference]);
  const rows = useLoaded<Rows>(async (signal) => {
    if (!may("can_manage_directory")) return {};
    const all = await Promise.all(KINDS.map((kind) => rowsOrNone(kind, signal)));
    return Object.fromEntries(KINDS.map((kind, at) => [kind, all[at] ?? []]));
  }, []);
  const { busy, refused, run } = useAct();
  const [action, setAction] = useState<Action>();
  const [printing, print] = usePrinting();
  const back = { href: listed.address, label: words.back };
  const steps = <Steps of={listed.numbers} id={reference} href={(number) => to(["tickets", number])} />;
  const ticket = loaded.data;
  if (!ticket) {
    return (
      <Shell>
        {/* For the keyboard alone: they would jump once the buttons beside them come. */}
        <Heading title={words.number(reference)} back={back} acts={<span hidden>{steps}</span>} />
        <Waiting loaded={loaded} />
      </Shell>
    );
  }
  const change = (changes: Record<string, unknown>, said: string, undo?: Record<string, unknown>): void => {
    void run(async () => {
      const changed = await changeTicket(ticket.number, changes);
      loaded.set({ ...ticket, ...changed });
      loaded.reload();
      say(said, undo && (() => change(undo, words.changed)));
    });
  };
  const statuses = rows.data?.["statuses"] ?? [];
  const open = ticket.status.state === "open";
  const wanted = statuses.find((row) => row["state"] === (open ? "closed" : "open"));
  const remove = async (): Promise<void> => {
    const agreed = await ask({
      title: words.removeTitle(ticket.number),
      text: <p>{words.removeText}</p>,
      type: { name: ticket.number, label: words.removeType },
      safe: words.keep,
      act: words.removeAct,
      danger: true,
    });
    if (!agreed) return;
    await run(async () => {
      await deleteTicket(ticket.number);
      say(words.removed(ticket.number));
      go(to(["tickets"]));
    });
  };
  const unlink = ({ kind, number }: Ticket["links"][number]): void => {
    void run(async () => {
      await unlinkTicket(ticket.number, kind, number);
      loaded.reload();
      say(words.link.removed(number), () =>
        void run(async () => {
          await linkTicket(ticket.number, kind, number, { current: newOnce() });
          loaded.reload();
        }),
      );
    });
  };
  const mayChange = may("can_update_tickets");
  const mayLink = may("can_manage_subtickets");
  const departments = rows.data?.["departments"] ?? [];
  const opening = (label: string, which: Action) => ({ label, act: () => setAction(which) });
  const entries = [
    ...(mayChange && departments.length > 1 ? [opening(words.move.label, "move")] : []),
    ...(mayLink ? [opening(words.link.label, "link")] : []),
    ...(mayChange ? [opening(words.merge.label, "merge")] : []),
    { label: words.copyLink, act: () => void copy(location.href) },
    { label: words.print, act: print },
    ...(may("can_delete_tickets")
      ? [{ label: words.remove, danger: true, act: () => void remove() }]
      : []),
  ];
  const close = (): void => setAction(undefined);
  return (
    <Shell>
      <Heading
        title={ticket.subject || words.noSubject}
        back={back}
        lead={<Lead of={ticket} />}
        acts={
          <>
            {steps}
            {mayChange && (wanted || (may("can_manage_directory") && coming(rows))) && (
              <Button
                disabled={!wanted}
                busy={busy && (open ? words.close : words.reopen)}
                onClick={() =>
                  change({ status: wanted?.id }, open ? words.closed : words.reopened, {
                    status: ticket.status.id,
                  })
                }
              >
                {open ? words.close : words.reopen}
              </Button>
            )}
            <Menu label={words.more(ticket.number)} entries={entries} />
          </>
        }
      />
      <div class="ticket">
        <div class="stack">
          <Refusal refused={refused} />
          <h2 class="unseen">{words.thread}</h2>
          <ol class="stack">
            {ticket.thread.map((entry, at) => (
              <EntryView
                key={entry.id}
                ticket={ticket.number}
                entry={entry}
                open={at >= ticket.thread.length - OPEN}
                whole={printing}
              />
            ))}
          </ol>
          {mayChange && <Answer ticket={ticket} done={loaded.reload} />}
        </div>
        <aside>
          <details
            class={`fold ${coming(rows)}`}
            open={printing || matchMedia("(min-width: 1024px)").matches}
          >
            <summary>
              <Icon name="turn" turn />
              {words.details}
            </summary>
            <div hidden={Boolean(coming(rows))}>
              <Facts
                ticket={ticket}
                rows={mayChange ? rows.data ?? {} : {}}
                change={(changes) => change(changes, words.changed)}
                unlink={mayLink ? unlink : undefined}
              />
            </div>
          </details>
          {ticket.history.length > 0 && <History of={ticket.history} />}
        </aside>
      </div>
      {action === "move" && (
        <Move
          of={ticket}
          close={close}
          departments={departments}
          move={(department) => {
            const name = departments.find((row) => row.id === department)?.name ?? "";
            change({ department }, words.move.done(name), { department: ticket.department?.id });
          }}
        />
      )}
      {action === "link" && (
        <Linking
          of={ticket}
          close={close}
          done={(other) => {
            loaded.reload();
            say(words.link.done(other));
          }}
        />
      )}
      {action === "merge" && (
        <Merging
          of={ticket}
          close={close}
          done={(other) => {
            say(words.merge.done(other));
            go(to(["tickets", other]));
          }}
        />
      )}
    </Shell>
  );
}

function Lead({ of }: { of: Ticket }) {
  const parts = [
    of.department?.name,
    of.agent?.name,
    of.deadline && of.status.state === "open" ? words.due(date(of.deadline)) : null,
    words.opened(dateWithYear(of.created)),
  ].filter((part): part is string => Boolean(part));
  return (
    <span>
      <TicketState of={of} /> · <bdi dir="ltr">{words.number(of.number)}</bdi>
      {parts.map((part) => (
        <span key={part}>
          {" · "}
          <Told text={part} />
        </span>
      ))}
    </span>
  );
}

function History({ of }: { of: Happening[] }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="fold" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="turn" turn />
        {words.happened}
        <span class="sum">{of.length}</span>
      </summary>
      {open && (
        <ol class="stack tight small">
          {[...of].reverse().map((one) => (
            <li key={one.id}>
              <span class="muted" title={full(one.at)}>
                {date(one.at)}
              </span>{" "}
              <Told text={sentence(one)} />
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}

function sentence(one: Happening): string {
  const who = one.by?.name ?? words.theDesk;
  const did = words.what[one.what] ?? one.what;
  if (!one.field) return `${who} ${did} ${words.things[one.thing] ?? one.thing}`;
  const values = [one.before, one.after].map((value) => (value === null ? "–" : String(value)));
  return `${who} ${did} ${one.field.replaceAll("_", " ")}: ${values.join(" → ")}`;
}
