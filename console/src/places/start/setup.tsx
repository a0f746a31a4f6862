// What a new desk has yet to be given: what is open, then what is done, folded.

import { useRef, useState } from "preact/hooks";

import { newOnce } from "../../calls";
import { useAct, useLoaded } from "../../loading";
import { Button, Link } from "../../parts/button";
import { copy } from "../../parts/copy";
import { TextField } from "../../parts/field";
import { Icon } from "../../parts/icons";
import { Waiting } from "../../parts/list";
import { say } from "../../parts/live";
import { Refusal } from "../../parts/note";
import { Code, Told } from "../../parts/told";
import { to } from "../../places";
import { words as common } from "../../words";
import { mark, sendTest, steps, type DnsRecord, type Step } from "./api";
import { words } from "./words";

const MARKS = { done: "", todo: "soon", wrong: "bad", unknown: "off" };

/** Where a step is done. */
const PLACES: Record<string, string> = {
  name: to(["settings"]),
  rows: to(["catalogue", "departments"]),
  own_key: to(["keys", "new"]),
};

/** Steps that nobody but an admin can say are done, whatever the desk has found. */
const CONFIRMED = ["spf_dmarc", "alarms", "rows"];

const nameOf = (step: Step): string => words.steps[step.id] ?? step.id;

export function SetUp() {
  const loaded = useLoaded(steps, []);
  const all = loaded.data ?? [];
  const open = all.filter((step) => step.state !== "done" && !step.dismissed);
  const closed = all.filter((step) => !open.includes(step));
  const done = all.filter((step) => step.state === "done").length;
  const put = (changed: Step): void =>
    loaded.set(all.map((step) => (step.id === changed.id ? changed : step)));
  return (
    <section class="stack" aria-busy={loaded.busy}>
      <div class="row spread">
        <h2>{words.setUp}</h2>
        {loaded.data && (
          <Button little busy={loaded.busy && words.checking} onClick={loaded.reload}>
            {words.checkAgain}
          </Button>
        )}
      </div>
      <Waiting loaded={loaded} />
      {loaded.data && open.length === 0 && <p>{words.allDone}</p>}
      {open.length > 0 && (
        <ul class="stack tight">
          {open.map((step) => (
            <li class="panel step" key={step.id}>
              <Said step={step} />
              <Records of={step} />
              {step.id === "mail_out" && <Test sent={loaded.reload} />}
              <Acts step={step} put={put} />
            </li>
          ))}
        </ul>
      )}
      {closed.length > 0 && (
        <details class="fold">
          <summary>
            <Icon name="turn" size={16} turn />
            {words.done(done, all.length)}
          </summary>
          <div>
            {closed.map((step) => (
              <div class="stack tight" key={step.id}>
                <Said step={step} />
                <Records of={step} />
                {step.dismissed && <Reopen step={step} put={put} />}
              </div>
            ))}
          </div>
        </details>
      )}
    </section>
  );
}

function Said({ step }: { step: Step }) {
  return (
    <div>
      <div class="row spread">
        <h3>{nameOf(step)}</h3>
        <span class={`state ${MARKS[step.state]}`}>
          {step.dismissed && step.state !== "done" ? words.dismissed : words.states[step.state]}
        </span>
      </div>
      <p>
        <Told text={step.message} />
      </p>
    </div>
  );
}

function Acts({ step, put }: { step: Step; put: (changed: Step) => void }) {
  const { busy, refused, run } = useAct();
  const name = nameOf(step);
  const marked = (as: "confirm" | "dismiss", said: string): void => {
    void run(async () => {
      put(await mark(step.id, as));
      say(said, () => void run(async () => put(await mark(step.id, "reopen"))));
    });
  };
  const place = PLACES[step.id];
  const confirm = words.confirm[step.id] ?? words.confirmElse;
  return (
    <>
      <Refusal refused={refused} />
      <div class="row">
        {place && (
          <a class="button little" href={place}>
            {words.goTo[step.id]}
          </a>
        )}
        {step.state !== "wrong" && (CONFIRMED.includes(step.id) || step.state === "unknown") && (
          <Button
            little
            busy={busy && common.saving}
            label={words.confirmOf(confirm, name)}
            onClick={() => marked("confirm", words.confirmed(name))}
          >
            {confirm}
          </Button>
        )}
        <Link label={words.dismissOf(name)} onClick={() => marked("dismiss", words.dismissedNow(name))}>
          {words.dismiss}
        </Link>
      </div>
    </>
  );
}

/** Brings back a step that nobody wanted to be asked about. */
function Reopen({ step, put }: { step: Step; put: (changed: Step) => void }) {
  const { busy, refused, run } = useAct();
  const name = nameOf(step);
  return (
    <div>
      <Refusal refused={refused} />
      <Button
        little
        busy={busy && common.saving}
        label={words.reopenOf(name)}
        onClick={() =>
          void run(async () => {
            put(await mark(step.id, "reopen"));
            say(words.reopened(name));
          })
        }
      >
        {words.reopen}
      </Button>
    </div>
  );
}

function Records({ of }: { of: Step }) {
  if (of.records.length === 0) return null;
  return (
    <details class="fold">
      <summary>
        <Icon name="turn" size={16} turn />
        {words.records(of.records.length)}
      </summary>
      <div>
        {of.records.map((record) => (
          <OneRecord record={record} key={`${record.type} ${record.name} ${record.value}`} />
        ))}
      </div>
    </details>
  );
}

function OneRecord({ record }: { record: DnsRecord }) {
  const part = (what: string, text: string) => (
    <>
      <dt>{what}</dt>
      <dd class="row">
        <Code text={text} />
        <Button
          little
          icon="copy"
          label={words.copyOf(what, text)}
          onClick={() => void copy(text).then((worked) => worked && say(common.copied))}
        >
          {words.copy}
        </Button>
      </dd>
    </>
  );
  return (
    <dl class="facts pairs">
      <dt>{words.record.type}</dt>
      <dd class="row">
        <Code text={record.type} />
        {record.state !== "unknown" && (
          <span class={`state ${MARKS[record.state]}`}>{words.states[record.state]}</span>
        )}
      </dd>
      {part(words.record.name, record.name)}
      {part(words.record.value, record.value)}
    </dl>
  );
}

function Test({ sent }: { sent: () => void }) {
  const [address, setAddress] = useState("");
  const once = useRef(newOnce());
  const { busy, refused, run } = useAct();
  const send = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      await sendTest(address.trim(), once);
      say(words.tested(address.trim()));
      sent();
    });
  };
  return (
    <form class="stack tight narrow" onSubmit={send} noValidate>
      <TextField
        label={words.testTo}
        type="email"
        name="to"
        value={address}
        refused={refused}
        onValue={setAddress}
      />
      {refused && refused.field !== "to" && <Refusal refused={refused} />}
      <div>
        <Button little submit busy={busy && words.testing} disabled={!address.trim()}>
          {words.test}
        </Button>
      </div>
    </form>
  );
}
