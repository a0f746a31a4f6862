// A row with every field: read, changed, deleted; or a new one.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { changeRow, createRow, deleteRow, row as readRow } from "../../api";
import { isChanged, newOnce, type Answer } from "../../calls";
import { Control } from "../../forms/control";
import { changesOf, describe, fieldsOf, same, stockOf } from "../../forms/describe";
import { useSaving } from "../../forms/merge";
import { shownValue } from "../../forms/shown";
import { useLoaded } from "../../loading";
import { Button } from "../../parts/button";
import { ask } from "../../parts/dialog";
import { Waiting } from "../../parts/list";
import { say } from "../../parts/live";
import { Told } from "../../parts/told";
import { go, hold, to } from "../../places";
import type { Kind, Row, Values } from "../../types";
import { words as common } from "../../words";
import { TemplateValues } from "./template";
import { Trial } from "./trial";
import { Blame, inUse, UsedBy, usesOf, type Uses } from "./uses";
import { words } from "./words";

interface Props {
  kind: string;
  /** Null is a new one. */
  id: number | null;
  body: Kind;
  rows: Record<string, Row[]>;
  changed: (row: Row) => void;
  gone: () => void;
}

export function RowPanel(props: Props) {
  const { kind, id, rows } = props;
  const loaded = useLoaded<Answer<Values> | null>(
    (signal) => (id === null ? Promise.resolve(null) : readRow(kind, id, signal)),
    [kind, id],
  );
  const box = useRef<HTMLElement>(null);
  const ready = loaded.data !== undefined;
  const listed = id === null ? undefined : rows[kind]?.find((row) => row.id === id);
  useEffect(() => {
    // Changed in the table beside: what is typed here stays.
    const read = loaded.data?.data;
    if (listed && read && !loaded.busy && !same(listed, read)) loaded.reload();
  }, [listed]);
  useLayoutEffect(() => {
    if (ready) box.current?.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  }, [ready]);
  return (
    <section class="panel open-row" ref={box} aria-busy={loaded.busy}>
      <a class="back narrow-only" data-key="back" href={to(["catalogue", kind])}>
        {words.kinds[kind] ?? kind}
      </a>
      <Waiting loaded={loaded} />
      {loaded.data !== undefined && (
        <RowForm
          {...props}
          read={loaded.data}
          put={(answer) => loaded.set(answer)}
        />
      )}
    </section>
  );
}

function RowForm(props: Props & { read: Answer<Values> | null; put: (answer: Answer<Values>) => void }) {
  const { kind, id, body, rows, read } = props;
  const fields = fieldsOf(body);
  const before = read?.data ?? stockOf(fields);
  const [typed, setTyped] = useState<Values>({});
  const once = useRef(newOnce());
  const values = { ...before, ...typed };
  const changes = changesOf(before, values);
  const dirty = Object.keys(changes).length > 0;
  const fixed = id !== null && body.built_in.includes(id) ? body.fixed : [];
  const name = String(before["name"] ?? "");
  const one = words.one[kind] ?? kind;
  useEffect(() => {
    const { title, text, stay, leave } = common.unsaved;
    hold(dirty ? () => ask({ title, text: <p>{text}</p>, safe: stay, act: leave }) : null);
    return () => hold(null);
  }, [dirty]);

  const take = (answer: Answer<Values>): void => {
    hold(null);
    props.put(answer);
    setTyped({});
    props.changed(answer.data as Row);
  };
  const { busy, refused, run, save, question } = useSaving<Values>({
    change: (fresh, match) => changeRow(kind, id ?? 0, fresh, match),
    read: () => readRow(kind, id ?? 0),
    saved: (answer, changed) => {
      take(answer);
      if (changed) say(words.saved);
    },
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    if (read && dirty) void save(read, changes);
    if (!read) {
      void run(async () => {
        const made = await createRow(kind, withoutEmpty(values, fields), once);
        hold(null);
        props.changed(made);
        say(words.created(made.name));
        go(to(["catalogue", kind, made.id]));
      });
    }
  };
  const remove = async (): Promise<void> => {
    if (id === null) return;
    const agreed = await ask({
      title: words.removeTitle(name),
      text: <p>{words.removeText}</p>,
      safe: words.keep,
      act: words.removeAct,
      danger: true,
    });
    if (!agreed) return;
    await run(async () => {
      try {
        await deleteRow(kind, id, read?.etag);
      } catch (error) {
        if (isChanged(error)) props.put(await readRow(kind, id));
        throw error;
      }
      hold(null);
      props.gone();
      say(words.removed(name));
      go(to(["catalogue", kind]));
    });
  };
  const uses = useLoaded<Uses>(
    (signal) => (id === null || body.built_in.includes(id) ? Promise.resolve({}) : usesOf(kind, id, signal)),
    [kind, id],
  );
  const used = inUse(uses.data);
  const known = fields.map((field) => field.name);
  return (
    <>
      <form class="stack" onSubmit={submit} noValidate>
        <h2 tabIndex={-1}>{id === null ? words.add(one) : <Told text={name} />}</h2>
        {fixed.length > 0 && <p class="hint">{words.builtIn}</p>}
        {question((field, value) => shownValue(describe(body, field), value, rows))}
        {fields.map((field) => (
          <Control
            key={field.name}
            field={field}
            value={values[field.name]}
            onValue={(value) => setTyped((former) => ({ ...former, [field.name]: value }))}
            rows={rows}
            refused={refused}
            disabled={fixed.includes(field.name)}
          />
        ))}
        {kind === "templates" && <TemplateValues values={values} set={(name, value) => setTyped({ ...typed, [name]: value })} />}
        {refused && !known.includes(refused.field ?? "") && <Blame refused={refused} />}
        <div class="row">
          <Button
            submit
            kind="main"
            busy={busy && (id === null ? words.creating : common.saving)}
            disabled={id !== null && !dirty}
          >
            {id === null ? words.create : common.save}
          </Button>
          <a class="button" href={to(["catalogue", kind])}>
            {words.close}
          </a>
          {id !== null && !body.built_in.includes(id) && (
            <Button disabled={used !== undefined} onClick={() => void remove()}>
              {words.remove}
            </Button>
          )}
        </div>
        {used && !refused && (
          <div class="small">
            <UsedBy of={used} />
          </div>
        )}
      </form>
      {kind === "templates" && id !== null && (
        <Trial
          id={id}
          values={values}
          dirty={dirty}
          reset={take}
        />
      )}
    </>
  );
}

/** What is left out of a new row gets the desk's own value. */
function withoutEmpty(values: Values, fields: ReturnType<typeof fieldsOf>): Values {
  const optional = new Set(fields.filter((field) => !field.required).map((field) => field.name));
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => !(optional.has(name) && (value === "" || value === null))),
  );
}
