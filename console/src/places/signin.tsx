// Signing in, and signing in again over whatever was being done.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { askMe } from "../api";
import { Refused } from "../calls";
import { MANAGING, loadSchema, permissionList } from "../desk";
import { isPerson, key, lock, me, signIn, signOut, stay } from "../key";
import { useAct } from "../loading";
import { Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { Field } from "../parts/field";
import { Heading } from "../parts/heading";
import { Note, Refusal } from "../parts/note";
import { arrive, begin, end, offered, sent, type Token } from "../person";
import { words } from "../words";

const BEFORE_WAITING = 5;
const LONGEST_WAIT = 60;

/** Signs in where the desk lets it in; else what to tell. */
async function enter(secret: string, token?: Token): Promise<string> {
  const [who] = await Promise.all([askMe(secret), loadSchema(secret)]);
  const { permissions } = who.key;
  if (MANAGING.some((one) => permissions.includes(one)) || permissions.includes("can_read_tickets")) {
    signIn(secret, who, token);
    return "";
  }
  return words.signIn.managesNothing(permissionList(permissions) || words.signIn.nothing);
}

/** Signing in as a person: to the pages, and what becomes of those who come back. */
function PersonForm() {
  const [wrong, setWrong] = useState("");
  const { busy, refused, run } = useAct();
  useEffect(() => {
    if (!sent || key() !== null) return;
    void run(async () => {
      const token = await arrive();
      if (!token) return setWrong(words.signIn.notArrived);
      try {
        setWrong(await enter(token.key, token));
      } catch (error) {
        end(token);
        throw error;
      }
    });
  }, []);
  return (
    <div class="stack">
      {wrong && <Note kind="bad">{wrong}</Note>}
      <Refusal refused={refused} />
      <div>
        <Button kind="main" busy={busy && words.signIn.busy} onClick={() => void begin()}>
          {words.signIn.person}
        </Button>
      </div>
      <p class="muted">{words.signIn.orKey}</p>
    </div>
  );
}

function KeyForm({ act, onOut }: { act: string; onOut?: () => void }) {
  const [typed, setTyped] = useState("");
  const [shown, setShown] = useState(false);
  const [wrong, setWrong] = useState("");
  const [failed, setFailed] = useState(0);
  const [left, setLeft] = useState(0);
  const { busy, refused, run } = useAct();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (!offered) field.current?.focus();
  }, []);
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);

  const fail = (message: string): void => {
    setWrong(message);
    const times = failed + 1;
    setFailed(times);
    if (times >= BEFORE_WAITING) setLeft(Math.min(2 ** (times - BEFORE_WAITING + 1), LONGEST_WAIT));
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const secret = typed.trim();
    if (!secret || left > 0) return;
    setWrong("");
    void run(async () => {
      try {
        const told = await enter(secret);
        if (told) fail(told);
      } catch (error) {
        if (!(error instanceof Refused) || ![401, 403].includes(error.status)) throw error;
        fail(words.signIn.wrong);
      }
    });
  };
  return (
    <form class="stack" onSubmit={submit}>
      <Field label={words.signIn.key} hint={words.signIn.hint} wrong={wrong || undefined}>
        {(joined) => (
          <div class="joined">
            <input
              {...joined}
              ref={field}
              class="input mono"
              dir="ltr"
              type={(shown ? "text" : "password") as "password"}
              autocomplete="current-password"
              spellcheck={false}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
            <Button onClick={() => setShown(!shown)}>{shown ? words.signIn.hide : words.signIn.show}</Button>
          </div>
        )}
      </Field>
      <Refusal refused={refused} />
      <div class="row">
        <Button
          submit
          kind={offered ? undefined : "main"}
          busy={busy && words.signIn.busy}
          disabled={left > 0}
        >
          {left > 0 ? words.signIn.wait(left) : act}
        </Button>
        {onOut && <Button onClick={onOut}>{words.nav.signOut}</Button>}
      </div>
    </form>
  );
}

export function SignIn() {
  return (
    <main class="plain">
      <Heading title={words.signIn.title(me.value?.desk.title ?? "")} />
      {offered && <PersonForm />}
      <KeyForm act={words.signIn.act} />
    </main>
  );
}

/** Over a place: the key has ended, or is about to. What was typed stays. */
export function Locked() {
  if (lock.value === "idle") {
    return (
      <Dialog title={words.locked.idleTitle} onClose={stay}>
        <p>{words.locked.idleText}</p>
        <div class="acts">
          <Button onClick={signOut}>{words.nav.signOut}</Button>
          <Button kind="main" onClick={stay}>
            {words.locked.stay}
          </Button>
        </div>
      </Dialog>
    );
  }
  if (lock.value === "refused" && key() !== null) {
    return (
      <Dialog title={words.locked.title}>
        <p>{isPerson() ? words.locked.person : words.locked.text}</p>
        {offered && <PersonForm />}
        <KeyForm act={words.locked.goOn} onOut={signOut} />
      </Dialog>
    );
  }
  return null;
}
