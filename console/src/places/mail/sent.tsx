// What went out: to whom, for which ticket, and what became of it.

import { useRef } from "preact/hooks";

import { newOnce } from "../../calls";
import { useAct, useLoaded, useRested } from "../../loading";
import { usePages } from "../../pages";
import { Button, Link } from "../../parts/button";
import { Icon } from "../../parts/icons";
import { Empty, Foot, List, Waiting, type Column } from "../../parts/list";
import { say } from "../../parts/live";
import { Refusal } from "../../parts/note";
import { Told } from "../../parts/told";
import { filter, place, to } from "../../places";
import { ago, full } from "../../times";
import { mail as readMail, sendAgain, sent, type Mail } from "./api";
import { Beside, MailContents } from "./reading";
import { words } from "./words";

type State = keyof typeof words.states;

const STATES = Object.keys(words.states) as State[];

export function SentPlace() {
  const { parts, query } = place.value;
  const id = parts[2];
  const get = (name: string): string => query.get(name) ?? "";
  const wanted = {
    to: useRested(get("to").trim(), 250),
    ticket: useRested(get("ticket").trim(), 250),
    state: get("state"),
  };
  const loaded = usePages((next, signal) => sent(wanted, next, signal), Object.values(wanted));
  const narrowed = Object.values(wanted).some(Boolean);
  const find = (name: string, label: string) => (
    <label class="find">
      <span class="unseen">{label}</span>
      <Icon name="search" size={16} />
      <input
        class="input"
        type="search"
        placeholder={label}
        value={get(name)}
        onInput={(event) => filter({ [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <div class={id ? "beside" : ""}>
      <div class="stack">
        <div class="row">
          {find("to", words.findAddress)}
          {find("ticket", words.findTicket)}
          <label class="pick">
            <span class="unseen">{words.state}</span>
            <select
              class="input"
              value={get("state")}
              onChange={(event) => filter({ state: event.currentTarget.value })}
            >
              {STATES.map((state) => (
                <option key={state} value={state === "all" ? "" : state}>
                  {words.states[state]}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Waiting loaded={loaded} />
        {loaded.data?.length === 0 && !loaded.more ? (
          <Empty>
            <p role="status">{narrowed ? words.noneSuch : words.empty.sent}</p>
            {narrowed && (
              <Link onClick={() => filter({ to: "", ticket: "", state: "" })}>{words.showAll}</Link>
            )}
          </Empty>
        ) : (
          <List<Mail>
            caption={words.tabs.sent}
            columns={COLUMNS}
            items={loaded.data}
            id={(one) => one.id}
            busy={loaded.busy}
            chosen={id}
          />
        )}
        {loaded.data && (
          <Foot
            text={words.count(loaded.data.length, Boolean(loaded.more))}
            more={loaded.more}
            busy={loaded.moreBusy}
          />
        )}
      </div>
      {id && <One key={id} id={id} ids={(loaded.data ?? []).map((one) => one.id)} again={loaded.reload} />}
    </div>
  );
}

export function reasonOf(mail: Mail): string {
  if (!mail.reason) return "";
  return words.reasons[mail.reason] ?? words.ses(mail.reason);
}

function StateOfMail({ of }: { of: Mail }) {
  const marks: Record<string, string> = { sent: "", waiting: "off" };
  return (
    <span class={`state ${marks[of.state] ?? "bad"}`}>
      {words.states[of.state as State] ?? of.state}
    </span>
  );
}

const COLUMNS: Column<Mail>[] = [
  {
    head: words.columns.subject,
    share: 34,
    cell: (one) => (
      <a class="clamp" href={to(["mail", "sent", one.id], Object.fromEntries(place.value.query))}>
        <Told text={one.subject || words.noSubject} />{" "}
        {Boolean(one.files) && <Icon name="clip" size={13} />}
      </a>
    ),
  },
  { head: words.columns.to, share: 26, cell: (one) => <Told class="clamp" text={one.to} /> },
  {
    head: words.columns.state,
    share: 16,
    cell: (one) => (
      <span title={reasonOf(one)}>
        <StateOfMail of={one} />
      </span>
    ),
  },
  {
    head: words.columns.ticket,
    share: 12,
    line: true,
    cell: (one) =>
      one.ticket ? (
        <a href={to(["tickets", one.ticket.number])}>
          <bdi dir="ltr">#{one.ticket.number}</bdi>
        </a>
      ) : (
        <span class="nothing">–</span>
      ),
  },
  {
    head: words.columns.at,
    share: 14,
    line: true,
    cell: (one) => <span title={full(one.at)}>{ago(one.at)}</span>,
  },
];

function One({ id, ids, again }: { id: string; ids: string[]; again: () => void }) {
  const loaded = useLoaded((signal) => readMail(id, signal), [id]);
  const once = useRef(newOnce());
  const { busy, refused, run } = useAct();
  const mail = loaded.data;
  return (
    <Beside list="sent" ids={ids} id={id} busy={loaded.busy}>
      <Waiting loaded={loaded} />
      {mail && (
        <>
          <h2>
            <Told text={mail.subject || words.noSubject} />
          </h2>
          <p>
            <StateOfMail of={mail} /> · <span title={full(mail.at)}>{ago(mail.at)}</span> ·{" "}
            <Told text={mail.to} />
          </p>
          {mail.reason && <p>{reasonOf(mail)}</p>}
          {mail.ticket && (
            <p>
              <a href={to(["tickets", mail.ticket.number])}>{words.openTicket}</a>
            </p>
          )}
          <Refusal refused={refused} />
          {mail.state === "refused" && (
            <div>
              <Button
                busy={busy && words.sendingAgain}
                onClick={() =>
                  void run(async () => {
                    await sendAgain(id, once);
                    say(words.sentAgain);
                    loaded.reload();
                    again();
                  })
                }
              >
                {words.sendAgain}
              </Button>
            </div>
          )}
          <p class="small muted">{mail.made_anew ? words.madeAnew : words.notMade}</p>
          {mail.made_anew && <MailContents of={mail} />}
        </>
      )}
    </Beside>
  );
}
