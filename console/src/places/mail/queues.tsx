// Queues in words, their dead letters, and trying these again: one first, then as many as were counted.

import { useEffect, useState } from "preact/hooks";

import { useAct, useLoaded } from "../../loading";
import { saw } from "../../news";
import { Button, Link } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { TextField } from "../../parts/field";
import { Waiting } from "../../parts/list";
import { say } from "../../parts/live";
import { Refusal } from "../../parts/note";
import { Told } from "../../parts/told";
import { to } from "../../places";
import { ago, full } from "../../times";
import { words as common } from "../../words";
import { dead, putAside, queues as readQueues, redrive, stopRedrive, type Dead, type Queue } from "./api";
import { words } from "./words";

const { queues: own } = words;

/** How often a move is looked after. */
const SECONDS = 2;

export function Queues() {
  const loaded = useLoaded((signal) => readQueues(signal), []);
  const running = loaded.data?.some((queue) => queue.move?.state === "running");
  useEffect(() => {
    if (loaded.data) saw("dead_letters", loaded.data.reduce((sum, queue) => sum + queue.dead, 0));
  }, [loaded.data]);
  useEffect(() => {
    if (!running || loaded.busy) return undefined;
    const timer = setTimeout(loaded.reload, SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [running, loaded.busy, loaded.data]);
  return (
    <div class="stack">
      <Waiting loaded={loaded} />
      {loaded.data?.map((queue) => <One key={queue.name} queue={queue} again={loaded.reload} />)}
      {loaded.data && (
        <p>
          <Link onClick={loaded.reload}>{own.refresh}</Link>
        </p>
      )}
    </div>
  );
}

function One({ queue, again }: { queue: Queue; again: () => void }) {
  const { busy, refused, run } = useAct();
  const running = queue.move?.state === "running" ? queue.move : null;
  const sample = useLoaded(
    (signal) => (queue.dead > 0 ? dead(queue.name, signal) : Promise.resolve([])),
    [running ? queue.name : queue],
  );
  const start = (count: number): void => {
    void run(async () => {
      await redrive(queue.name, count);
      again();
    });
  };
  const letters = sample.data ?? [];
  const back = letters.filter((letter) => letter.came_back).length;
  // The next run of a schedule has done its work: there is nothing to try again.
  const past = letters.length >= queue.dead && letters.every(({ event }) => event.kind === "schedule");
  const seconds = queue.oldest_seconds === null ? "" : own.seconds(queue.oldest_seconds);
  const name = own.names[queue.name] ?? queue.name;
  return (
    <section class="panel" aria-labelledby={`queue-${queue.name}`}>
      <div class="row spread">
        <h2 id={`queue-${queue.name}`}>{name}</h2>
        <span class="muted">
          {own.waiting(queue.waiting, seconds)}
          {queue.under_way > 0 && `, ${own.underWay(queue.under_way)}`}
        </span>
      </div>
      {queue.dead === 0 && !running && <p class="muted">{own.fine}</p>}
      {queue.dead > 0 && (
        <p>
          <span class="state bad">
            {own.dead(queue.dead)}
            {queue.oldest_dead && own.oldest(ago(queue.oldest_dead).toLowerCase())}
          </span>
        </p>
      )}
      {running && (
        <p role="status" class="row">
          <progress value={running.moved} max={running.of} aria-label={name} />
          {own.moving(running.moved, running.of)}
          <Button
            little
            onClick={() =>
              void run(async () => {
                await stopRedrive(queue.name);
                again();
              })
            }
          >
            {own.stop}
          </Button>
        </p>
      )}
      {queue.move && !running && (
        <p class="muted" role="status">
          {queue.move.state === "done" ? own.doneMoving(queue.move.moved) : own.stopped(queue.move.moved)}
          {back > 0 && own.cameBack(back, letters.length >= queue.dead)}
        </p>
      )}
      <Refusal refused={refused} />
      {queue.dead > 0 && !running && !past && (
        <div class="row">
          <Button busy={busy && own.trying} onClick={() => start(1)}>
            {own.tryOne}
          </Button>
          {queue.dead > 1 && <Button onClick={() => start(queue.dead)}>{own.tryAll(queue.dead)}</Button>}
        </div>
      )}
      <Waiting loaded={sample} />
      {letters.length > 0 && (
        <>
          <h3>{own.sample}</h3>
          <ul class="stack tight">
            {letters.map((letter) => (
              <Letter key={letter.id} queue={queue.name} letter={letter} again={again} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Letter({ queue, letter, again }: { queue: string; letter: Dead; again: () => void }) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const { busy, refused, run } = useAct();
  const { event } = letter;
  return (
    <li class="row spread">
      <span>
        {own.kinds[event.kind] ?? event.kind}
        {event.number && (
          <>
            {" "}
            <a href={to(["tickets", event.number])}>{own.onTicket(event.number)}</a>
          </>
        )}
        <span class="muted small">
          {" · "}
          <span title={full(letter.at)}>{ago(letter.at)}</span> · {own.tries(letter.tries)}
          {letter.came_back && ` · ${own.back}`}
          {letter.reason && (
            <>
              {" · "}
              <Told text={words.reasons[letter.reason] ?? words.ses(letter.reason)} />
            </>
          )}
        </span>
      </span>
      <Button little onClick={() => setAsking(true)}>
        {own.aside}
      </Button>
      {asking && (
        <Dialog title={own.asideTitle} onClose={() => setAsking(false)}>
          <form
            onSubmit={(submit) => {
              submit.preventDefault();
              void run(async () => {
                await putAside(queue, letter.id, reason);
                setAsking(false);
                say(own.asideDone);
                again();
              });
            }}
          >
            <p>{own.asideText}</p>
            <TextField label={own.reason} name="reason" refused={refused} value={reason} onValue={setReason} />
            {refused && refused.field !== "reason" && <Refusal refused={refused} />}
            <div class="acts">
              <Button onClick={() => setAsking(false)}>{common.cancel}</Button>
              <Button submit kind="main" busy={busy && common.saving}>
                {own.asideAct}
              </Button>
            </div>
          </form>
        </Dialog>
      )}
    </li>
  );
}
