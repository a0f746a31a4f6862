// Starts the page: who is signed in, and the place that the fragment names.

import { render, type ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import "./console.css";
import { Refused } from "./calls";
import { may, resume } from "./desk";
import { me, signedIn, signOut } from "./key";
import "./keyboard";
import { Asking } from "./parts/dialog";
import { Heading } from "./parts/heading";
import { Live } from "./parts/live";
import { Refusal } from "./parts/note";
import { place, replace } from "./places";
import { Catalogue } from "./places/catalogue/catalogue";
import { Keys } from "./places/keys/keys";
import { History } from "./places/history/history";
import { MailPlaces } from "./places/mail/mail";
import { Settings } from "./places/settings/settings";
import { Start } from "./places/start/start";
import { Tickets } from "./places/tickets/tickets";
import { Locked, SignIn } from "./places/signin";
import { firstPlace, needsOf, Shell } from "./shell";
import "./theme";
import { words } from "./words";

const PLACES: Record<string, ComponentType> = {
  start: Start,
  keys: Keys,
  tickets: Tickets,
  catalogue: Catalogue,
  mail: MailPlaces,
  settings: Settings,
  history: History,
};

function Place() {
  const [first] = place.value.parts;
  const needs = needsOf(first);
  useEffect(() => {
    if (!needs) replace(firstPlace());
  }, [needs]);
  if (!needs || !first) return null;
  if (!may(...needs)) {
    return (
      <Shell>
        <Heading title={words.nav[first as "keys"]} />
        <p>{words.needs(needs.join(" / "))}</p>
      </Shell>
    );
  }
  const Shown = PLACES[first];
  return Shown ? <Shown /> : null;
}

function Resuming() {
  const [refused, setRefused] = useState<Refused>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    setRefused(undefined);
    resume().catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) signOut();
      else setRefused(error);
    });
  }, [round]);
  return (
    <main class="plain">
      <Refusal refused={refused} again={() => setRound(round + 1)} />
    </main>
  );
}

function Console() {
  return (
    <>
      {!signedIn.value ? <SignIn /> : me.value ? <Place /> : <Resuming />}
      <Locked />
      <Asking />
      <Live />
    </>
  );
}

const root = document.getElementById("console");
if (root) render(<Console />, root);
