// Settings, by group; each is saved by itself, and what differs from stock says so.

import { useState } from "preact/hooks";

import { changeSettings, rowsOrNone, settings as readSettings } from "../../api";
import type { Answer } from "../../calls";
import { schema } from "../../desk";
import { Control } from "../../forms/control";
import { describe, same, type Described } from "../../forms/describe";
import { useSaving } from "../../forms/merge";
import { shownValue } from "../../forms/shown";
import { useLoaded } from "../../loading";
import { Button, Link } from "../../parts/button";
import { Heading } from "../../parts/heading";
import { Waiting } from "../../parts/list";
import { say, tell } from "../../parts/live";
import { Refusal } from "../../parts/note";
import { useSavingMark } from "../../parts/saving";
import { Told } from "../../parts/told";
import { place, to } from "../../places";
import { Shell } from "../../shell";
import type { Row, Values } from "../../types";
import { words as common } from "../../words";
import { Alerts, isAlert } from "./alerts";
import { words } from "./words";

export function Settings() {
  const body = schema.value?.settings;
  const groups = body?.groups ?? [];
  const group = groups.find((one) => one.name === place.value.parts[1]) ?? groups[0];
  const kinds = [...new Set(Object.values(body?.references ?? {}))];
  const loaded = useLoaded((signal) => readSettings(signal), []);
  const rows = useLoaded(async (signal) => {
    const all = await Promise.all(kinds.map((kind) => rowsOrNone(kind, signal)));
    return Object.fromEntries(kinds.map((kind, at) => [kind, all[at] ?? []]));
  }, []);
  if (!body || !group) return null;
  const put = (answer: Answer<Values>): void => loaded.set(answer);
  const answer = loaded.data;
  return (
    <Shell>
      <Heading key={group.name} title={words.title} lead={words.lead} />
      <div class="stack">
        <nav class="tabs" aria-label={words.groups}>
          {groups.map((one) => (
            <a
              key={one.name}
              href={to(["settings", one.name])}
              aria-current={one.name === group.name ? "page" : undefined}
            >
              {one.words}
            </a>
          ))}
        </nav>
        <Waiting loaded={loaded} />
        <div class="stack settings" aria-busy={loaded.busy}>
          {answer && group.settings.some(isAlert) && <Alerts answer={answer} put={put} />}
          {answer &&
            group.settings
              .filter((name) => !isAlert(name))
              .map((name) => (
                <Setting
                  key={name}
                  field={describe(body, name)}
                  answer={answer}
                  rows={rows.data ?? {}}
                  put={put}
                />
              ))}
        </div>
      </div>
    </Shell>
  );
}

/** Characters of a value that is named beside its setting. */
const LONGEST = 60;

interface Props {
  field: Described;
  answer: Answer<Values>;
  rows: Record<string, Row[]>;
  put: (answer: Answer<Values>) => void;
}

function sentence(field: Described): string {
  const words = field.of ? field.words?.replace(/; 0 is none$/, "") : field.words;
  const said = (words ?? field.name).replace(/^whether /, "").replaceAll("`", "");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

function Setting({ field, answer, rows, put }: Props) {
  const stored = answer.data[field.name];
  const [typed, setTyped] = useState<{ value: unknown }>();
  const value = typed ? typed.value : stored;
  const label = sentence(field);
  const { busy, refused, save: send, question, clashes } = useSaving<Values>({
    change: changeSettings,
    read: readSettings,
    saved: (answer, changed) => {
      put(answer);
      setTyped(undefined);
      if (!changed) return;
      done();
      tell(words.saved(label));
    },
  });
  const { mark, done } = useSavingMark(busy);
  const save = (value: unknown): void => {
    if (same(value, stored)) {
      setTyped(undefined);
      return;
    }
    setTyped({ value });
    void send(answer, { [field.name]: value });
  };
  const atOnce = ["boolean", "choice", "row"].includes(field.control);
  const differs = !same(stored, field.stock);
  return (
    <form
      class="setting"
      aria-busy={busy}
      onSubmit={(event) => {
        event.preventDefault();
        save(value);
      }}
      onFocusOut={(event) => {
        // Leaving the field saves it, unless one only goes on to its buttons.
        const next = event.relatedTarget as Node | null;
        if (!atOnce && typed && !clashes && !event.currentTarget.contains(next)) save(value);
      }}
    >
      <div class="narrow">
        <Control
          field={field}
          label={label}
          value={value}
          rows={rows}
          refused={refused}
          hint={
            <>
              <code>{field.name}</code>
              {differs && <> · {words.changed}</>}
              {mark && <> · {mark}</>}
            </>
          }
          onValue={(value) => (atOnce ? save(value) : setTyped({ value }))}
        />
      </div>
      {refused && refused.field !== field.name && <Refusal refused={refused} />}
      {question((_, value) => short(field, value, rows))}
      <div class="row">
        {!atOnce && typed && (
          <Button little submit busy={busy && common.saving}>
            {words.save}
          </Button>
        )}
        {differs && (
          <span class="small muted">
            <Link
              onClick={() => {
                save(field.stock);
                say(words.saved(label), () => save(stored));
              }}
            >
              {words.backToStock}
            </Link>{" "}
            (<Told text={short(field, field.stock, rows)} />)
          </span>
        )}
      </div>
    </form>
  );
}

function short(field: Described, value: unknown, rows: Record<string, Row[]>): string {
  const text = shownValue(field, value, rows);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
