// The places about mail: what went out, what is held, who gets none, what is stuck.

import type { ComponentType } from "preact";

import { may } from "../../desk";
import { matters } from "../../news";
import { Heading } from "../../parts/heading";
import { place, to } from "../../places";
import { Shell } from "../../shell";
import { number } from "../../times";
import { HeldPlace } from "./held";
import { Queues } from "./queues";
import { SentPlace } from "./sent";
import { SuppressedPlace } from "./suppressed";
import { words as common } from "../../words";
import { words } from "./words";

type Part = keyof typeof words.tabs;

const PARTS: Record<Part, { needs: string; shown: ComponentType }> = {
  sent: { needs: "can_manage_desk", shown: SentPlace },
  held: { needs: "can_manage_directory", shown: HeldPlace },
  suppressed: { needs: "can_manage_desk", shown: SuppressedPlace },
  queues: { needs: "can_manage_desk", shown: Queues },
};

/** What a tab counts: mails that a person has to decide about. */
const COUNTED: Partial<Record<Part, string>> = { held: "held_mail", queues: "dead_letters" };

function Count({ of }: { of: string }) {
  const count = matters.value.find(({ what }) => what === of)?.count ?? 0;
  return count > 0 ? <> {number(count)}</> : null;
}

export function MailPlaces() {
  const open = (Object.keys(PARTS) as Part[]).filter((part) => may(PARTS[part].needs));
  const named = Object.keys(PARTS).find((one) => one === place.value.parts[1]) as Part | undefined;
  const part = named ?? open[0];
  if (!part) return null;
  const { needs, shown: Shown } = PARTS[part];
  return (
    <Shell>
      <Heading key={part} title={`${words.title}: ${words.tabs[part].toLowerCase()}`} lead={words.leads[part]} />
      <div class="stack">
        <nav class="tabs" aria-label={words.places}>
          {open.map((one) => (
            <a key={one} href={to(["mail", one])} aria-current={one === part ? "page" : undefined}>
              {words.tabs[one]}
              {COUNTED[one] && <Count of={COUNTED[one]} />}
            </a>
          ))}
        </nav>
        {may(needs) ? <Shown key={part} /> : <p>{common.needs(needs)}</p>}
      </div>
    </Shell>
  );
}
