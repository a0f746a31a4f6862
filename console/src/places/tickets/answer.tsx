// The box below a thread: an answer to all who take part, or a note for staff.

import { useEffect, useRef, useState } from "preact/hooks";

import { newOnce } from "../../calls";
import { useAct } from "../../loading";
import { Button } from "../../parts/button";
import { ask } from "../../parts/dialog";
import { Field, Wrong } from "../../parts/field";
import { say } from "../../parts/live";
import { Refusal } from "../../parts/note";
import { Tabs } from "../../parts/tabs";
import { Told } from "../../parts/told";
import { hold } from "../../places";
import { size } from "../../times";
import { words as common } from "../../words";
import { write, type Written } from "./api";
import type { Ticket } from "./types";
import { words } from "./words";

type Kind = "replies" | "notes";

const MOST_BYTES = 3_000_000;

export function Answer({ ticket, done }: { ticket: Ticket; done: () => void }) {
  const [kind, setKind] = useState<Kind>("replies");
  const [text, setText] = useState("");
  const [files, setFiles] = useState<File[]>([]);
  const [wrong, setWrong] = useState("");
  const once = useRef(newOnce());
  const picker = useRef<HTMLInputElement>(null);
  const { busy, refused, run } = useAct();
  const dirty = text !== "" || files.length > 0;
  useEffect(() => {
    const { title, text: said, stay, leave } = common.unsaved;
    hold(dirty ? () => ask({ title, text: <p>{said}</p>, safe: stay, act: leave }) : null);
    return () => hold(null);
  }, [dirty]);
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const large = bytes > MOST_BYTES ? words.tooLarge(size(bytes)) : "";
  const send = (event: Event): void => {
    event.preventDefault();
    if (!text.trim()) {
      setWrong(words.textNeeded);
      return;
    }
    if (large) return;
    void run(async () => {
      const attachments = await Promise.all(files.map(encoded));
      const told = await write(ticket.number, kind, { text, attachments }, once);
      setText("");
      setFiles([]);
      if (picker.current) picker.current.value = "";
      say(kind === "notes" ? words.noted : saidTo(told));
      done();
    });
  };
  const people = ticket.people.filter((one) => one.active).map((one) => one.name || one.email);
  return (
    <form class="panel answer" onSubmit={send} noValidate>
      <Tabs
        label={words.answerOrNote}
        chosen={kind}
        tabs={[
          { id: "replies", label: words.answer },
          { id: "notes", label: words.note },
        ]}
        onChoose={(id) => setKind(id as Kind)}
      >
        <div class="stack tight">
          <p class="small muted">
            {kind === "notes" ? (
              words.noteTo
            ) : (
              <Told text={people.length > 0 ? words.answerTo(people.join(", ")) : words.sentNobody} />
            )}
          </p>
          <Field label={words.text} name="text" quiet refused={refused} wrong={wrong || undefined}>
            {(joined) => (
              <textarea
                {...joined}
                class={`input ${kind === "notes" ? "internal" : ""}`}
                dir="auto"
                value={text}
                onInput={(event) => {
                  setText(event.currentTarget.value);
                  setWrong("");
                }}
              />
            )}
          </Field>
          <label class="small">
            {words.files}{" "}
            <input
              type="file"
              multiple
              ref={picker}
              onChange={(event) => setFiles([...(event.currentTarget.files ?? [])])}
            />
          </label>
          <Wrong text={large || undefined} />
          {refused && refused.field !== "text" && <Refusal refused={refused} />}
          <div>
            <Button submit kind="main" busy={busy && (kind === "notes" ? words.adding : words.sending)}>
              {kind === "notes" ? words.addNote : words.send}
            </Button>
          </div>
        </div>
      </Tabs>
    </form>
  );
}

function saidTo(told: string[]): string {
  const [first, ...others] = told;
  if (!first) return words.sentNobody;
  return words.sent(others.length > 0 ? words.andOthers(first, others.length) : first);
}

function encoded(file: File): Promise<Written["attachments"][number]> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const data = String(reader.result).replace(/^[^,]*,/, "");
      resolve({ name: file.name, type: file.type, data });
    };
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.readAsDataURL(file);
  });
}
