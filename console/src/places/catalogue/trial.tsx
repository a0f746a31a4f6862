// A mail template tried: what it makes of a ticket, a test to oneself, and its first words again.

import { useRef, useState } from "preact/hooks";

import { call, newOnce, type Answer } from "../../calls";
import { useAct, useLoaded, useRested } from "../../loading";
import { Button } from "../../parts/button";
import { ask } from "../../parts/dialog";
import { TextField } from "../../parts/field";
import { Waiting } from "../../parts/list";
import { say } from "../../parts/live";
import { MailFrame } from "../../parts/mailframe";
import { Refusal } from "../../parts/note";
import { Told } from "../../parts/told";
import type { Row, Values } from "../../types";
import { words } from "./words";

const { trial: own } = words;

interface Preview {
  subject: string;
  html: string;
  unknown: string[];
}

interface Props {
  id: number;
  values: Values;
  /** Whether what is typed is not saved yet: a test sends what is saved. */
  dirty: boolean;
  reset: (answer: Answer<Values>) => void;
}

export function Trial({ id, values, dirty, reset }: Props) {
  const [ticket, setTicket] = useState("");
  const [to, setTo] = useState("");
  const once = useRef(newOnce());
  const test = useAct();
  const back = useAct();
  const wanted = useRested(
    JSON.stringify({ subject: values["subject"], body: values["body"], ticket: ticket.trim() || null }),
    500,
  );
  const shown = useLoaded(
    async (signal) => {
      const body: unknown = JSON.parse(wanted);
      return (await call<Preview>("POST", `templates/${id}/preview`, { body, signal })).data;
    },
    [wanted],
  );
  const stock = async (): Promise<void> => {
    const agreed = await ask({
      title: own.resetTitle,
      text: <p>{own.resetText}</p>,
      safe: own.keep,
      act: own.reset,
    });
    if (!agreed) return;
    await back.run(async () => {
      reset(await call<Row>("POST", `templates/${id}/reset`, { body: {} }));
      say(own.isReset);
    });
  };
  return (
    <section class="stack">
      <h3>{own.title}</h3>
      <div class="narrow">
        <TextField label={own.ticket} hint={own.ticketHint} value={ticket} onValue={setTicket} autocomplete="off" />
      </div>
      <div class="panel" aria-busy={shown.busy}>
        <Waiting loaded={shown} />
        {shown.data && (
          <>
            <Told class="strong" text={shown.data.subject} />
            <MailFrame title={own.title} html={shown.data.html} />
          </>
        )}
      </div>
      <form
        class="row end"
        onSubmit={(event) => {
          event.preventDefault();
          void test.run(async () => {
            const body = { to: to.trim(), ticket: ticket.trim() || null };
            await call("POST", `templates/${id}/test`, { body, once });
            say(own.sent(to.trim()));
          });
        }}
      >
        <TextField label={own.to} name="to" type="email" refused={test.refused} value={to} onValue={setTo} />
        <Button submit busy={test.busy && own.sending} disabled={!to.trim() || dirty}>
          {own.send}
        </Button>
        <Button busy={back.busy && own.reset} onClick={() => void stock()}>
          {own.reset}
        </Button>
      </form>
      {dirty && <p class="hint">{own.saveFirst}</p>}
      {test.refused?.field !== "to" && <Refusal refused={test.refused} />}
      <Refusal refused={back.refused} />
    </section>
  );
}
