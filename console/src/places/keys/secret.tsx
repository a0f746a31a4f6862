// The secret of a key that was just made or rotated: shown once, held in one variable.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

import { checkKey } from "../../api";
import { permissionList } from "../../desk";
import { me } from "../../key";
import { useAct } from "../../loading";
import { Button } from "../../parts/button";
import { copy } from "../../parts/copy";
import { ask } from "../../parts/dialog";
import { TextField } from "../../parts/field";
import { Heading } from "../../parts/heading";
import { Note, Refusal } from "../../parts/note";
import { Tabs } from "../../parts/tabs";
import { Code } from "../../parts/told";
import { go, hold, to } from "../../places";
import { Shell } from "../../shell";
import { full } from "../../times";
import type { Issued, Key } from "../../types";
import { useChoices } from "./choices";
import { mayOf, networkList } from "./facts";
import { tries } from "./lines";
import { Rotate } from "./rotate";
import { words } from "./words";

const MINUTES = 10;

interface Fresh {
  key: Key;
  secret: string;
  how: "made" | "rotated";
}

/** The only place where a secret is held. */
export const issued = signal<Fresh | null>(null);

/** Takes a key with its secret to its screen; the secret is in no other place. */
export function show(made: Issued, how: Fresh["how"]): void {
  const { key: secret = "", ...key } = made;
  issued.value = { key, secret, how };
}

function forget(): void {
  issued.value = null;
}

addEventListener("pagehide", forget);

export function SecretScreen({ fresh }: { fresh: Fresh }) {
  const { key, secret, how } = fresh;
  const [copied, setCopied] = useState(false);
  const [hidden, setHidden] = useState(false);
  const [said, setSaid] = useState("");
  const [rotating, setRotating] = useState(false);
  const shown = hidden ? "" : secret;
  useEffect(() => {
    const timer = setTimeout(() => {
      setHidden(true);
      fresh.secret = "";
    }, MINUTES * 60_000);
    return () => {
      clearTimeout(timer);
      hold(null);
      if (issued.value === fresh) forget();
    };
  }, []);
  useEffect(() => {
    const leave = (): Promise<boolean> =>
      ask({
        title: words.notCopiedTitle,
        text: <p>{words.notCopiedText}</p>,
        safe: words.stay,
        act: words.leaveRotate,
      });
    hold(copied || !shown ? null : leave);
  }, [copied, shown]);
  const done = (): void => {
    hold(null);
    forget();
    go(to(["keys", key.id]));
  };
  if (!secret && !hidden) {
    return (
      <Shell>
        <Heading title={words.lostTitle(key.name)} back={{ href: to(["keys"]), label: words.title }} />
        <Note kind="warn">{words.lost}</Note>
        <p class="row">
          <Button kind="main" onClick={() => setRotating(true)}>
            {words.makeSecret}
          </Button>
          <Button onClick={done}>{words.leaveRotate}</Button>
        </p>
        {rotating && <Rotate of={key} onClose={() => setRotating(false)} />}
      </Shell>
    );
  }
  const button = (
    <Button
      kind="main"
      icon="copy"
      onClick={() =>
        void copy(shown).then((worked) => {
          if (worked) setCopied(true);
          setSaid(worked ? words.copiedSecret : "");
        })
      }
    >
      {words.copySecret}
    </Button>
  );
  return (
    <Shell
      acts={
        <footer class="bar acts">
          <Button kind="main" onClick={done}>
            {words.done}
          </Button>
        </footer>
      }
    >
      <Heading
        title={how === "made" ? words.ready(key.name) : words.newSecret(key.name)}
        back={{ href: to(["keys"]), label: words.title }}
      />
      <div class="stack wide secret-page">
        {hidden ? (
          <Note kind="warn">{words.hidden}</Note>
        ) : (
          <>
            <Note kind="warn">
              <b>{words.copyNow}</b> {words.copyWhy}
            </Note>
            <div>
              <div class="secret">
                <bdi dir="ltr" data-secret>
                  {shown}
                </bdi>
                {button}
              </div>
              <p class="small" role="status">
                {said}
              </p>
            </div>
            <TryIt of={key} secret={shown} onCopied={() => setCopied(true)} />
          </>
        )}
        <section class="panel">
          <h2>{words.made}</h2>
          <dl class="facts">
            <dt>{words.facts.may}</dt>
            <dd>{mayOf(key)}</dd>
            <dt>{words.facts.from}</dt>
            <dd>
              <bdi dir="ltr">{networkList(key.networks) || words.anyNetwork}</bdi>
            </dd>
            <dt>{words.facts.ends}</dt>
            <dd>{key.expires ? full(key.expires) : words.noEnd}</dd>
            <dt>{words.startsToWork}</dt>
            <dd>{words.atOnce}</dd>
            <dt>{words.knownBy}</dt>
            <dd>
              <Code text={`${key.hint ?? secret.slice(0, 6)}…`} />{" "}
              <span class="small muted">{words.firstSix}</span>
            </dd>
          </dl>
        </section>
        <div class="phone-not">
          <Button kind="main" onClick={done}>
            {words.done}
          </Button>
        </div>
      </div>
    </Shell>
  );
}

function TryIt({ of, secret, onCopied }: { of: Key; secret: string; onCopied: () => void }) {
  const { departments } = useChoices();
  const open = departments.find(({ active }) => active)?.id ?? 1;
  const all = tries(of.permissions, me.value?.addresses ?? {}, of.departments[0] ?? open);
  const [chosen, setChosen] = useState(all[0]?.name ?? "");
  const [said, setSaid] = useState("");
  const one = all.find(({ name }) => name === chosen);
  return (
    <section class="panel">
      <h2>{words.tryIt}</h2>
      {one && (
        <>
          <Tabs
            label={words.tryIt}
            chosen={chosen}
            tabs={all.map(({ name }) => ({ id: name, label: name }))}
            onChoose={setChosen}
          >
            <pre class="code" dir="ltr" tabIndex={0} aria-label={one.name}>
              {one
                .lines(`${secret.slice(0, 6)}…`)
                .replace("\n", `   ${words.copiedWhole}\n`)}
            </pre>
          </Tabs>
          <div class="row">
            <Button
              icon="copy"
              onClick={() =>
                void copy(one.lines(secret)).then((worked) => {
                  if (worked) onCopied();
                  setSaid(worked ? words.copiedSecret : "");
                })
              }
            >
              {words.copyLines}
            </Button>
          </div>
          <p class="small" role="status">
            {said}
          </p>
        </>
      )}
      <CheckKey of={of} />
    </section>
  );
}

/** Asks the desk whether the key would be let in; nothing is opened. */
export function CheckKey({ of }: { of: Key }) {
  const [address, setAddress] = useState(me.value?.address ?? "");
  const [other, setOther] = useState(false);
  const [result, setResult] = useState(words.notChecked);
  const { busy, refused, run } = useAct();
  const check = (): void => {
    void run(async () => {
      const from = address.trim() || (me.value?.address ?? "");
      const checked = await checkKey(of.id, from || null);
      setOther(true);
      setResult(
        checked.allowed
          ? words.checkWorks(from, permissionList(of.permissions) || words.nothing.toLowerCase())
          : words.checkRefused(from, words.reasons[checked.reason ?? ""] ?? checked.reason ?? ""),
      );
    });
  };
  const button = (label: string) => (
    <Button icon="check" onClick={check} busy={busy && words.checking}>
      {label}
    </Button>
  );
  return (
    <div class="stack tight">
      {!other && <div class="row">{button(words.check)}</div>}
      <p role="status">{result}</p>
      {other && (
        <div class="row">
          <div class="narrow">
            <TextField
              label={words.checkAddress}
              name="address"
              refused={refused}
              mono
              value={address}
              onValue={setAddress}
            />
          </div>
          {button(words.checkAct)}
        </div>
      )}
      {refused?.field !== "address" && <Refusal refused={refused} />}
    </div>
  );
}
