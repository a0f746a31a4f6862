// What wants attention today, one line each and nothing where nothing does; and what is not set up.

import { may } from "../../desk";
import { me } from "../../key";
import { coming, useLoaded } from "../../loading";
import { attention, type Matter } from "../../news";
import { Heading } from "../../parts/heading";
import { Waiting } from "../../parts/list";
import { Shell } from "../../shell";
import { number } from "../../times";
import { SetUp } from "./setup";
import { words } from "./words";

/** Held, refused and waiting mails are counted up to this. */
const MOST = 100;
const UP_TO_MOST = ["held_mail", "refused_mail", "mail_stopped"];

export function Start() {
  const loaded = useLoaded((signal) => attention(signal), []);
  const { departments, customer } = me.value?.key ?? { departments: [], customer: null };
  const whole = departments.length === 0 && customer === null;
  return (
    <Shell>
      <Heading title={words.title} />
      <div class="stack wide">
        <section class={`stack ${coming(loaded)}`} aria-busy={loaded.busy}>
          <h2>{words.today}</h2>
          <Waiting loaded={loaded} />
          {loaded.data?.length === 0 && <p>{words.nothing}</p>}
          {loaded.data && loaded.data.length > 0 && (
            <ul class="panel">
              {loaded.data.map((matter) => (
                <li key={matter.what}>
                  <span class="state soon">
                    <a href={matter.place}>{said(matter)}</a>
                  </span>
                </li>
              ))}
            </ul>
          )}
        </section>
        {whole && may("can_manage_desk") && <SetUp />}
      </div>
    </Shell>
  );
}

function said({ what, count }: Matter): string {
  const shown = number(count);
  const most = count >= MOST && UP_TO_MOST.includes(what) ? words.many(shown) : shown;
  return words.matters[what]?.(count, most) ?? words.matter(what, most);
}
