// What wants attention today: one line each, and nothing where nothing does.

import type { ComponentChildren } from "preact";

import { keys as readKeys } from "../../api";
import { may } from "../../desk";
import { useLoaded } from "../../loading";
import { Heading } from "../../parts/heading";
import { Waiting } from "../../parts/list";
import { to } from "../../places";
import { Shell } from "../../shell";
import type { Page } from "../../types";
import { fits } from "../keys/facts";
import { held, queues as readQueues, sent } from "../mail/api";
import { words as mail } from "../mail/words";
import { tickets } from "../tickets/api";
import { words } from "./words";

interface Line {
  text: string;
  place: string;
}

/** A queue whose oldest event is older than this is late. */
const LATE_SECONDS = 900;

const counted = (page: Page<unknown>): string =>
  page.next ? words.many(page.items.length) : String(page.items.length);

/** What each part asks for, and which lines it makes of that. */
const PARTS: { needs: string[]; lines: (signal: AbortSignal) => Promise<Line[]> }[] = [
  {
    needs: ["can_manage_directory"],
    lines: async (signal) => {
      const found = await held(null, signal);
      return found.items.length > 0 ? [{ text: words.held(counted(found)), place: to(["mail", "held"]) }] : [];
    },
  },
  {
    needs: ["can_manage_desk"],
    lines: async (signal) => {
      const all = await readQueues(signal);
      const place = to(["mail", "queues"]);
      const dead = all.reduce((sum, queue) => sum + queue.dead, 0);
      const late = all.filter((queue) => (queue.oldest_seconds ?? 0) > LATE_SECONDS);
      return [
        ...(dead > 0 ? [{ text: words.dead(dead), place }] : []),
        ...late.map(({ name }) => ({ text: words.late(mail.queues.names[name] ?? name), place })),
      ];
    },
  },
  {
    needs: ["can_manage_desk"],
    lines: async (signal) => {
      const found = await sent({ state: "refused" }, null, signal);
      const place = to(["mail", "sent"], { state: "refused" });
      return found.items.length > 0 ? [{ text: words.refused(counted(found)), place }] : [];
    },
  },
  {
    needs: ["can_manage_keys"],
    lines: async (signal) => {
      const all = await readKeys(signal);
      return (["ending", "unused"] as const).flatMap((show) => {
        const count = all.filter((key) => fits(key, show)).length;
        return count > 0 ? [{ text: words[show](count), place: to(["keys"], { show }) }] : [];
      });
    },
  },
  {
    needs: ["can_read_tickets", "can_search_tickets"],
    lines: async (signal) => {
      const found = await tickets({ state: "open", overdue: "true" }, null, signal);
      const place = to(["tickets"], { overdue: "true" });
      return found.items.length > 0 ? [{ text: words.overdue(counted(found)), place }] : [];
    },
  },
];

export function Start() {
  const loaded = useLoaded(async (signal) => {
    const asked = PARTS.filter((part) => may(...part.needs)).map((part) => part.lines(signal));
    return (await Promise.all(asked)).flat();
  }, []);
  return (
    <Shell>
      <Heading title={words.title} />
      <section class="stack" aria-busy={loaded.busy}>
        <h2>{words.today}</h2>
        <Waiting loaded={loaded} />
        {loaded.data?.length === 0 && <p>{words.nothing}</p>}
        {loaded.data && loaded.data.length > 0 && (
          <ul class="panel">
            {loaded.data.map((line) => (
              <Said key={line.text} place={line.place}>
                {line.text}
              </Said>
            ))}
          </ul>
        )}
      </section>
    </Shell>
  );
}

function Said({ place, children }: { place: string; children: ComponentChildren }) {
  return (
    <li>
      <span class="state soon">
        <a href={place}>{children}</a>
      </span>
    </li>
  );
}
