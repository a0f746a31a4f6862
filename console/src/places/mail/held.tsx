// Mail that became no ticket: read, taken in after all, deleted.

import { useEffect, useRef, useState } from "preact/hooks";

import { newOnce } from "../../calls";
import { may } from "../../desk";
import { useAct, useLoaded } from "../../loading";
import { saw } from "../../news";
import { usePages } from "../../pages";
import { Button } from "../../parts/button";
import { ask } from "../../parts/dialog";
import { follow } from "../../parts/follow";
import { Icon } from "../../parts/icons";
import { Empty, Foot, List, Waiting, type Column } from "../../parts/list";
import { say } from "../../parts/live";
import { Note, Refusal } from "../../parts/note";
import { Told } from "../../parts/told";
import { go, place, to } from "../../places";
import { ago, full, size } from "../../times";
import { ban, deleteHeld, held, heldMail, rawHeld, takeIn, type Held } from "./api";
import { Beside, MailContents } from "./reading";
import { words } from "./words";

export function HeldPlace() {
  const id = place.value.parts[2];
  const loaded = usePages((next, signal) => held(next, signal), []);
  useEffect(() => {
    if (loaded.data && !loaded.more) saw("held_mail", loaded.data.length);
  }, [loaded.data?.length, loaded.more === undefined]);
  const gone = (): void => loaded.set((loaded.data ?? []).filter((one) => one.id !== id));
  return (
    <div class={id ? "beside" : ""}>
      <div class="stack">
        <Waiting loaded={loaded} />
        {loaded.data?.length === 0 ? (
          <Empty>
            <p role="status">{words.empty.held}</p>
          </Empty>
        ) : (
          <List<Held>
            caption={words.tabs.held}
            columns={COLUMNS}
            items={loaded.data}
            id={(one) => one.id}
            busy={loaded.busy}
            chosen={id}
          />
        )}
        {loaded.data && loaded.data.length > 0 && (
          <Foot
            text={words.count(loaded.data.length, Boolean(loaded.more))}
            more={loaded.more}
            busy={loaded.moreBusy}
          />
        )}
      </div>
      {id && <One key={id} id={id} ids={(loaded.data ?? []).map((one) => one.id)} gone={gone} />}
    </div>
  );
}

/** "Ann <ann@example.org>" is ann@example.org. */
function addressOf(sender: string): string {
  return /<([^<>]+)>\s*$/.exec(sender)?.[1] ?? sender;
}

function why(reason: string): string {
  return words.held[reason] ?? reason;
}

const COLUMNS: Column<Held>[] = [
  {
    head: words.columns.subject,
    share: 32,
    cell: (one) => (
      <a class="clamp" href={to(["mail", "held", one.id])}>
        <Told text={one.subject || words.noSubject} />
      </a>
    ),
  },
  { head: words.columns.from, share: 24, cell: (one) => <Told class="clamp" text={one.sender} /> },
  { head: words.columns.why, share: 26, cell: (one) => <span class="clamp">{why(one.reason)}</span> },
  {
    head: words.columns.size,
    share: 10,
    line: true,
    cell: (one) =>
      one.size === null ? (
        <span class="nothing">–</span>
      ) : (
        <span>
          {size(one.size)} {Boolean(one.files) && <Icon name="clip" size={13} />}
        </span>
      ),
  },
  {
    head: words.columns.received,
    share: 13,
    line: true,
    cell: (one) => <span title={full(one.at)}>{ago(one.at)}</span>,
  },
];

function One({ id, ids, gone }: { id: string; ids: string[]; gone: () => void }) {
  const loaded = useLoaded((signal) => heldMail(id, signal), [id]);
  const [taken, setTaken] = useState("");
  const once = useRef(newOnce());
  const { busy, refused, run } = useAct();
  const mail = loaded.data;
  const remove = async (): Promise<void> => {
    const agreed = await ask({
      title: words.removeTitle,
      text: <p>{words.removeText}</p>,
      safe: words.keep,
      act: words.removeAct,
      danger: true,
    });
    if (!agreed) return;
    await run(async () => {
      await deleteHeld(id);
      gone();
      say(words.removed);
      go(to(["mail", "held"]));
    });
  };
  const askToBan = async (address: string): Promise<void> => {
    const agreed = await ask({
      title: words.banTitle(address),
      text: <p>{words.banText}</p>,
      safe: words.keep,
      act: words.banAct,
      danger: true,
    });
    if (agreed) {
      await run(async () => {
        await ban(address);
        say(words.banned(address));
      });
    }
  };
  return (
    <Beside list="held" ids={ids} id={id} busy={loaded.busy}>
      {taken ? (
        <Note kind="good">
          {words.takenIn(taken)} <a href={to(["tickets", taken])}>{words.openTicket}</a>
        </Note>
      ) : (
        <Waiting loaded={loaded} />
      )}
      {mail && !taken && (
        <>
          <h2>
            <Told text={mail.subject || words.noSubject} />
          </h2>
          <p>
            <Told text={mail.sender} /> · <span title={full(mail.at)}>{ago(mail.at)}</span>
          </p>
          <Note kind="warn">{why(mail.reason)}</Note>
          <Refusal refused={refused} />
          <div class="row">
            {mail.may_take_in && (
              <Button
                kind="main"
                busy={busy && words.takingIn}
                onClick={() =>
                  void run(async () => {
                    setTaken(await takeIn(id, once));
                    gone();
                  })
                }
              >
                {words.takeIn}
              </Button>
            )}
            <Button onClick={() => void run(async () => follow(await rawHeld(id)))}>{words.download}</Button>
            {may("can_manage_desk") && mail.sender && (
              <Button onClick={() => void askToBan(addressOf(mail.sender))}>{words.ban}</Button>
            )}
            <Button onClick={() => void remove()}>{words.remove}</Button>
          </div>
          <MailContents of={mail} sealed />
        </>
      )}
    </Beside>
  );
}
