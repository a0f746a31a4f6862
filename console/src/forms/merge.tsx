// Two people changed the same thing: what only one of them changed is merged, the rest is asked.

import { useState } from "preact/hooks";

import { Refused, type Answer } from "../calls";
import { Button } from "../parts/button";
import { Note } from "../parts/note";
import { Told } from "../parts/told";
import type { Values } from "../types";
import { labelOf } from "./control";
import { changesOf, same } from "./describe";
import { words } from "../places/catalogue/words";

/** Fields that were changed on both sides, as the desk has them now. */
export interface Clash {
  theirs: Answer<Values>;
  fields: string[];
}

/** Saves changes that were made of `read`.

Where the desk has others meanwhile, they are merged and saved again; where both changed the same
field, nothing is saved and the clash is returned.
*/
export async function saveMerged(
  read: Answer<Values>,
  changes: Values,
  save: (changes: Values, match: string | null) => Promise<Answer<Values>>,
  readAgain: () => Promise<Answer<Values>>,
): Promise<Answer<Values> | Clash> {
  try {
    return await save(changes, read.etag);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "changed") throw error;
  }
  const theirs = await readAgain();
  const fields = Object.keys(changes).filter(
    (name) => !same(theirs.data[name], read.data[name]) && !same(theirs.data[name], changes[name]),
  );
  if (fields.length > 0) return { theirs, fields };
  return save(changesOf(theirs.data, { ...theirs.data, ...changes }), theirs.etag);
}

export function isClash(found: Answer<Values> | Clash): found is Clash {
  return "fields" in found;
}

export function ClashQuestion(props: {
  clash: Clash;
  mine: Values;
  shown: (name: string, value: unknown) => string;
  answer: (kept: Values) => void;
}) {
  const { clash, mine, shown, answer } = props;
  const [busy, setBusy] = useState(false);
  const settle = (kept: Values): void => {
    setBusy(true);
    answer(kept);
  };
  const others = Object.fromEntries(
    Object.entries(mine).filter(([name]) => !clash.fields.includes(name)),
  );
  return (
    <Note kind="warn">
      <p>{words.both}</p>
      <table class="clash">
        <thead>
          <tr>
            <td />
            <th scope="col">{words.mine}</th>
            <th scope="col">{words.theirs}</th>
          </tr>
        </thead>
        <tbody>
          {clash.fields.map((name) => (
            <tr key={name}>
              <th scope="row">{labelOf(name)}</th>
              <td>
                <Told text={shown(name, mine[name])} />
              </td>
              <td>
                <Told text={shown(name, clash.theirs.data[name])} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="row">
        <Button little disabled={busy} onClick={() => settle(mine)}>
          {words.keepMine}
        </Button>
        <Button little disabled={busy} onClick={() => settle(others)}>
          {words.takeTheirs}
        </Button>
      </div>
    </Note>
  );
}
