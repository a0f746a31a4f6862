// A value in a table that is changed where it stands, and saved when one leaves it.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { changeRow, row as readRow } from "../../api";
import { Control } from "../../forms/control";
import { same, type Described } from "../../forms/describe";
import { useSaving } from "../../forms/merge";
import { shownValue } from "../../forms/shown";
import { Dialog } from "../../parts/dialog";
import { Wrong } from "../../parts/field";
import { Icon } from "../../parts/icons";
import { tell } from "../../parts/live";
import { useSavingMark } from "../../parts/saving";
import { Told, visible } from "../../parts/told";
import type { Row } from "../../types";
import { words } from "./words";

/** Whether a field fits into a cell: one value on one line. */
export function fitsCell(field: Described): boolean {
  return ["boolean", "row", "choice", "number", "text"].includes(field.control);
}

interface Props {
  kind: string;
  row: Row;
  field: Described;
  head: string;
  rows: Record<string, Row[]>;
  changed: (row: Row) => void;
  /** What stands there while it is not being changed; without it the value. */
  children?: ComponentChildren;
}

export function Cell(props: Props) {
  const { kind, row, field, head, rows, changed } = props;
  const stored = row[field.name];
  const [typed, setTyped] = useState<{ value: unknown }>();
  const [editing, setEditing] = useState(false);
  const sent = useRef<unknown>(undefined);
  const again = useRef(false);
  // A control that goes away loses the focus, too: that is not leaving it.
  const inside = useRef(false);
  const box = useRef<HTMLFormElement>(null);
  const name = visible(row.name);
  const close = (): void => {
    inside.current = false;
    again.current = Boolean(box.current?.contains(document.activeElement));
    setEditing(false);
    setTyped(undefined);
  };
  const { busy, refused, save, question, clashes } = useSaving<Row>({
    change: (changes, match) => changeRow(kind, row.id, changes, match),
    read: () => readRow(kind, row.id),
    saved: (answer) => {
      close();
      changed(answer.data);
      done();
      tell(words.savedOf(head, name));
    },
  });
  const { mark, done } = useSavingMark(busy);
  useLayoutEffect(() => {
    if (editing) {
      box.current?.querySelector<HTMLElement>("input, select")?.focus();
      inside.current = true;
    } else if (again.current) box.current?.querySelector<HTMLElement>("button")?.focus();
    again.current = false;
  }, [editing]);
  const value = typed ? typed.value : stored;
  const send = (value: unknown): void => {
    if (same(value, stored)) {
      close();
      return;
    }
    sent.current = value;
    setTyped({ value });
    // The table holds no ETag: what was seen there is compared with what is there.
    void save({ data: row, etag: null }, { [field.name]: value });
  };
  const shown = shownValue(field, stored, rows);
  const open = (): void => {
    sent.current = undefined;
    setEditing(true);
  };
  const asked = clashes && (
    <Dialog title={name}>{question((_, value) => shownValue(field, value, rows))}</Dialog>
  );
  if (field.control === "boolean") {
    return (
      <form ref={box} aria-busy={busy}>
        <input
          type="checkbox"
          aria-label={`${head}: ${name}`}
          aria-invalid={refused ? "true" : undefined}
          checked={value === true}
          disabled={busy}
          onChange={(event) => send(event.currentTarget.checked)}
        />
        {mark}
        <Wrong text={refused?.message} />
        {asked}
      </form>
    );
  }
  const atOnce = field.control !== "text" && field.control !== "number";
  return (
    <form
      ref={box}
      aria-busy={busy}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send(value);
      }}
      onFocusOut={(event) => {
        const stays = event.currentTarget.contains(event.relatedTarget as Node | null);
        // What was refused is not sent a second time by leaving it.
        if (inside.current && !busy && !clashes && !stays && !same(sent.current, value)) send(value);
      }}
      onKeyDown={(event) => {
        if (editing && event.key === "Escape" && !busy) close();
      }}
    >
      {editing ? (
        <>
          <Control
            field={field}
            quiet
            label={`${head}: ${name}`}
            hint=""
            value={value}
            rows={rows}
            refused={refused}
            onValue={(value) => (atOnce ? send(value) : setTyped({ value }))}
          />
          {refused?.field !== field.name && <Wrong text={refused?.message} />}
        </>
      ) : props.children ? (
        <>
          {props.children}
          <button type="button" class="link pen" aria-label={words.rename(name)} onClick={open}>
            <Icon name="pen" size={14} />
          </button>
        </>
      ) : (
        <button
          type="button"
          class="cell clamp"
          aria-label={words.changeOf(head, name, visible(shown))}
          onClick={open}
        >
          <Told text={shown} />
        </button>
      )}
      {mark}
      {asked}
    </form>
  );
}
