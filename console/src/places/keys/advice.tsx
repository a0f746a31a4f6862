// Why keys want attention, and the button after which one is not told so for 90 days.

import { changeKey, key as readKey } from "../../api";
import type { Answer } from "../../calls";
import { useAct } from "../../loading";
import { Link } from "../../parts/button";
import { say } from "../../parts/live";
import { Note, Refusal } from "../../parts/note";
import { Told } from "../../parts/told";
import { to } from "../../places";
import { endIn } from "../../times";
import type { Key } from "../../types";
import { adviceOf } from "./facts";
import { words } from "./words";

const DAYS = 90;
const SHOWN = 3;
const LONGEST = 40;

/** Of these keys, those that want attention; none, nothing. */
export function Attention(props: {
  keys: Key[];
  /** Each is a link to its key. */
  linked: boolean;
  changed: (answer: Answer<Key>) => void;
}) {
  const { keys, linked, changed } = props;
  const { refused, run } = useAct();
  const blamed = keys.filter((key) => adviceOf(key));
  if (blamed.length === 0) return refused ? <Refusal refused={refused} /> : null;
  const dismiss = (key: Key, id: string, until: string | undefined): void => {
    void run(async () => {
      // Others may have dismissed another advice of this key meanwhile.
      const { data, etag } = await readKey(key.id);
      const { [id]: before, ...others } = data.dismissed ?? {};
      const dismissed = until ? { ...others, [id]: until } : others;
      changed(await changeKey(key.id, { dismissed }, etag));
      if (until) say(words.dismissed, () => dismiss(key, id, before));
    });
  };
  return (
    <Note kind="warn">
      {linked && <b>{words.attention(blamed.length)}</b>}
      <Refusal refused={refused} />
      <ul>
        {blamed.slice(0, SHOWN).map((key) => {
          const advice = adviceOf(key);
          const name = <Told text={key.name.length > LONGEST ? `${key.name.slice(0, LONGEST - 1)}…` : key.name} />;
          return (
            advice && (
              <li key={key.id}>
                {linked ? <a href={to(["keys", key.id])}>{name}</a> : name}
                {advice.text}
                <Link label={words.dismissOf(key.name)} onClick={() => dismiss(key, advice.id, endIn(DAYS))}>
                  {words.dismiss}
                </Link>
              </li>
            )
          );
        })}
      </ul>
    </Note>
  );
}
