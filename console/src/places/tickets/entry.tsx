// One entry of a thread: who, when, what; its files and, where it was a mail, its headers.

import { useState } from "preact/hooks";

import { coming, useAct, useLoaded } from "../../loading";
import { Button, Link } from "../../parts/button";
import { follow } from "../../parts/follow";
import { Waiting } from "../../parts/list";
import { MailFrame } from "../../parts/mailframe";
import { Refusal } from "../../parts/note";
import { Told } from "../../parts/told";
import { dateAndTime, full, size } from "../../times";
import { entryBody, fileLink, rawMail } from "./api";
import type { Entry } from "./types";
import { words } from "./words";

export function EntryView(props: {
  ticket: string;
  entry: Entry;
  open: boolean;
  /** Shown in whole, whether it is open or not. */
  whole: boolean;
}) {
  const { ticket, entry } = props;
  const [unfolded, setOpen] = useState(props.open);
  const open = unfolded || props.whole;
  const { refused, run } = useAct();
  const files = entry.attachments.filter((file) => !file.inline);
  return (
    <li class={`panel entry ${entry.internal ? "internal" : entry.kind}`}>
      <div class="row spread">
        <div>
          <Told class="strong" text={entry.poster || words.theDesk} />{" "}
          <span class="small muted">
            {words.kinds[entry.kind]} · <span title={full(entry.created)}>{dateAndTime(entry.created)}</span>
            {entry.channel && entry.channel !== entry.kind && ` · ${words.by(entry.channel)}`}
          </span>
          {entry.internal && <div class="small only-staff">{words.onlyStaff}</div>}
        </div>
        <Link onClick={() => setOpen(!open)}>{open ? words.hide : words.show}</Link>
      </div>
      {entry.title && <Told class="strong" text={entry.title} />}
      {open ? (
        <Body ticket={ticket} entry={entry} />
      ) : (
        <p class="muted">
          <Told text={entry.excerpt} />
        </p>
      )}
      {files.length > 0 && (
        <ul class="row">
          {files.map((file) => (
            <li key={file.id}>
              <Button
                little
                icon="clip"
                onClick={() => void run(async () => follow(await fileLink(file.id)))}
              >
                <FileName name={file.name} />{" "}
                <span class="small muted" title={file.type}>
                  {size(file.size)}
                </span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <Refusal refused={refused} />
      {open && (entry.raw || entry.headers.length > 0) && (
        <details class="small">
          <summary>{words.headers}</summary>
          <dl class="facts">
            {entry.headers.map(([name, value]) => (
              <>
                <dt key={name}>{name}</dt>
                <dd>
                  <Told text={value} />
                </dd>
              </>
            ))}
          </dl>
          {entry.raw && (
            <Link onClick={() => void run(async () => follow(await rawMail(ticket, entry.id)))}>
              {words.raw}
            </Link>
          )}
        </details>
      )}
    </li>
  );
}

function Body({ ticket, entry }: { ticket: string; entry: Entry }) {
  const loaded = useLoaded((signal) => entryBody(ticket, entry.id, signal), [entry.id]);
  const [quoted, setQuoted] = useState(false);
  const body = loaded.data;
  if (!body) {
    return (
      <div class={coming(loaded)} aria-busy={loaded.busy}>
        <p>
          <Told text={entry.excerpt} />
        </p>
        <Waiting loaded={loaded} />
      </div>
    );
  }
  const title = words.bodyOf(entry.poster || words.theDesk);
  return (
    <div>
      <MailFrame title={title} html={body.html} />
      {body.remote > 0 && <p class="small muted">{words.remote(body.remote)}</p>}
      {body.quoted && !quoted && <Link onClick={() => setQuoted(true)}>{words.showQuoted}</Link>}
      {body.quoted && quoted && <MailFrame title={title} html={body.quoted} />}
    </div>
  );
}

/** A file's name with its end apart: what comes last in a line is not always its end. */
export function FileName({ name }: { name: string }) {
  const at = name.lastIndexOf(".");
  if (at <= 0) return <Told text={name} />;
  return (
    <span class="file">
      <Told text={name.slice(0, at)} />
      <Told class="muted" text={name.slice(at)} />
    </span>
  );
}

