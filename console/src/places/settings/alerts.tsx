// Who hears of what: events by recipients, as one table.

import { useState } from "preact/hooks";

import { changeSettings, settings as readSettings } from "../../api";
import type { Answer } from "../../calls";
import { schema } from "../../desk";
import { useSaving } from "../../forms/merge";
import { tell } from "../../parts/live";
import { Refusal } from "../../parts/note";
import type { Values } from "../../types";
import { words } from "./words";

const EVENTS = Object.keys(words.events);
const ALERT = new RegExp(`^(${EVENTS.join("|")})_alert_(.+)$`);

export function isAlert(name: string): boolean {
  return ALERT.test(name);
}

export function Alerts({ answer, put }: { answer: Answer<Values>; put: (answer: Answer<Values>) => void }) {
  const { busy, refused, save } = useSaving<Values>({
    change: changeSettings,
    read: readSettings,
    saved: (answer) => put(answer),
  });
  const [pressed, setPressed] = useState<Values>({});
  const names = Object.keys(schema.value?.settings.schema.properties ?? {}).filter(isAlert);
  const who = Object.keys(words.who).filter((one) => names.some((name) => name.endsWith(`_alert_${one}`)));
  const box = (event: string, one: string, label: string) => {
    const name = `${event}_alert_${one}`;
    if (!names.includes(name)) return null;
    return (
      <input
        type="checkbox"
        aria-label={`${words.events[event] ?? event}: ${label}`}
        checked={(pressed[name] ?? answer.data[name]) === true}
        onChange={(change) => {
          const on = change.currentTarget.checked;
          setPressed({ [name]: on });
          void save(answer, { [name]: on }).then((saved) => {
            setPressed({});
            if (saved) tell(words.saved(`${words.events[event] ?? event}: ${label}`));
          });
        }}
      />
    );
  };
  return (
    <div class="stack tight">
      <div class="scroll" tabIndex={0} role="region" aria-label={words.hears}>
        <table class="grid" aria-busy={busy}>
          <caption class="unseen">{words.hears}</caption>
          <thead>
            <tr>
              <th scope="col">{words.event}</th>
              <th scope="col">{words.anybody}</th>
              {who.map((one) => (
                <th scope="col" key={one}>
                  {words.who[one]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {EVENTS.map((event) => (
              <tr key={event}>
                <th scope="row">{words.events[event]}</th>
                <td>{box(event, "active", words.anybody)}</td>
                {who.map((one) => (
                  <td key={one}>{box(event, one, words.who[one] ?? one)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Refusal refused={refused} />
    </div>
  );
}
