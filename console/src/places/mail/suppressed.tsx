// Addresses that get no more mail; one lets them have it again.

import { useAct, useRested } from "../../loading";
import { usePages } from "../../pages";
import { Button, Link } from "../../parts/button";
import { Icon } from "../../parts/icons";
import { Empty, Foot, List, Waiting } from "../../parts/list";
import { say } from "../../parts/live";
import { Refusal } from "../../parts/note";
import { Told } from "../../parts/told";
import { filter, place } from "../../places";
import { ago, full } from "../../times";
import { lift, suppress, suppressed, type Suppressed } from "./api";
import { words } from "./words";

export function SuppressedPlace() {
  const typed = place.value.query.get("q") ?? "";
  const q = useRested(typed.trim(), 250);
  const loaded = usePages((next, signal) => suppressed(q, next, signal), [q]);
  const { refused, run } = useAct();
  const release = (one: Suppressed): void => {
    void run(async () => {
      await lift(one.address);
      const before = loaded.data ?? [];
      loaded.set(before.filter((other) => other.address !== one.address));
      say(words.lifted(one.address), () =>
        void run(async () => {
          await suppress(one.address);
          loaded.set(before);
          loaded.reload();
        }),
      );
    });
  };
  return (
    <div class="stack">
      <label class="find">
        <span class="unseen">{words.findAddress}</span>
        <Icon name="search" size={16} />
        <input
          class="input"
          type="search"
          placeholder={words.findAddress}
          value={typed}
          onInput={(event) => filter({ q: event.currentTarget.value })}
        />
      </label>
      <Refusal refused={refused} />
      <Waiting loaded={loaded} />
      {loaded.data?.length === 0 ? (
        <Empty>
          <p role="status">{q ? words.noneSuch : words.empty.suppressed}</p>
          {q && <Link onClick={() => filter({ q: undefined })}>{words.showAll}</Link>}
        </Empty>
      ) : (
        <List<Suppressed>
          caption={words.tabs.suppressed}
          columns={[
            {
              head: words.columns.address,
              share: 40,
              cell: (one) => <Told class="strong" text={one.address} />,
            },
            {
              head: words.columns.why,
              share: 20,
              cell: (one) => words.kinds[one.reason] ?? one.reason,
            },
            {
              head: words.columns.since,
              share: 15,
              cell: (one) => <span title={full(one.at)}>{ago(one.at)}</span>,
            },
            {
              head: words.lift,
              share: 25,
              cell: (one) => (
                <Button little label={`${words.lift}: ${one.address}`} onClick={() => release(one)}>
                  {words.lift}
                </Button>
              ),
            },
          ]}
          items={loaded.data}
          id={(one) => one.address}
          busy={loaded.busy}
        />
      )}
      {loaded.data && loaded.data.length > 0 && (
        <Foot
          text={words.count(loaded.data.length, Boolean(loaded.more))}
          more={loaded.more}
          busy={loaded.moreBusy}
        />
      )}
    </div>
  );
}
