// What is done to a ticket from its menu: moved, linked with another, merged into another.

import { useRef, useState } from "preact/hooks";

import { newOnce, Refused } from "../../calls";
import { useAct, useLoaded, useRested } from "../../loading";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Field, Radios, TextField } from "../../parts/field";
import { Refusal } from "../../parts/note";
import { Told } from "../../parts/told";
import type { Row } from "../../types";
import { words as common } from "../../words";
import { linkTicket, mergeTicket, ticket as readTicket } from "./api";
import type { LinkKind, Ticket } from "./types";
import { words } from "./words";

/** Which dialog of a ticket's menu is open. */
export type Action = "move" | "link" | "merge";

interface Props {
  of: Ticket;
  close: () => void;
}

export function Move(props: Props & { departments: Row[]; move: (department: number) => void }) {
  const { of, close, departments, move } = props;
  const [chosen, setChosen] = useState(String(of.department?.id ?? ""));
  return (
    <Dialog title={words.move.title(of.number)} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          close();
          if (Number(chosen) !== of.department?.id) move(Number(chosen));
        }}
      >
        <Field label={words.facts.department}>
          {(joined) => (
            <select
              {...joined}
              class="input"
              autofocus
              value={chosen}
              onChange={(event) => setChosen(event.currentTarget.value)}
            >
              {departments.map((row) => (
                <option value={row.id} key={row.id}>
                  {row.name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <p class="hint">{words.move.text}</p>
        <div class="acts">
          <Button onClick={close}>{common.cancel}</Button>
          <Button submit kind="main">
            {words.move.act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const KINDS: LinkKind[] = ["normal", "parent", "child"];

export function Linking({ of, close, done }: Props & { done: (other: string) => void }) {
  const [kind, setKind] = useState<LinkKind>("normal");
  const [number, setNumber] = useState("");
  const once = useRef(newOnce());
  const { busy, refused, run } = useAct();
  const other = bare(number);
  const link = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      await linkTicket(of.number, kind, other, once);
      close();
      done(other);
    });
  };
  return (
    <Dialog title={words.link.title(of.number)} onClose={close}>
      <form onSubmit={link} noValidate>
        <Other name="ticket" number={number} set={setNumber} refused={refused} />
        <Radios<LinkKind>
          legend={words.link.kind}
          value={kind}
          choices={KINDS.map((value) => ({ value, label: words.link.kinds[value] }))}
          onValue={setKind}
        />
        <div class="acts">
          <Button onClick={close}>{common.cancel}</Button>
          <Button submit kind="main" disabled={!other} busy={busy && common.saving}>
            {words.link.act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function Merging({ of, close, done }: Props & { done: (other: string) => void }) {
  const [number, setNumber] = useState("");
  const once = useRef(newOnce());
  const { busy, refused, run } = useAct();
  const other = bare(number);
  const merge = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      const into = await mergeTicket(of.number, other, once);
      close();
      done(into.number);
    });
  };
  return (
    <Dialog title={words.merge.title(of.number)} onClose={close}>
      <form onSubmit={merge} noValidate>
        <Other name="into" number={number} set={setNumber} refused={refused} />
        <p>{words.merge.text}</p>
        <div class="acts">
          <Button onClick={close}>{words.keep}</Button>
          <Button submit kind="danger" disabled={!other} busy={busy && words.merge.busy}>
            {words.merge.act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const bare = (number: string): string => number.trim().replace(/^#/, "");

/** The number of another ticket, and which one that is. */
function Other(props: {
  name: string;
  number: string;
  set: (number: string) => void;
  refused: Refused | undefined;
}) {
  const { name, number, set, refused } = props;
  const wanted = useRested(bare(number), 400);
  const found = useLoaded((signal) => (wanted ? named(wanted, signal) : Promise.resolve("")), [wanted]);
  return (
    <>
      <TextField
        label={words.otherNumber}
        name={name}
        refused={refused}
        value={number}
        autocomplete="off"
        hint={
          <span role="status">
            <Told text={found.data ?? ""} />
          </span>
        }
        onValue={set}
      />
      {refused?.field !== name && <Refusal refused={refused} />}
    </>
  );
}

/** A ticket by its subject and its requester. */
async function named(number: string, signal: AbortSignal): Promise<string> {
  try {
    const { subject, person } = await readTicket(number, signal);
    return [subject || words.noSubject, person?.name].filter(Boolean).join(" · ");
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return words.noTicket;
    throw error;
  }
}
