// Two people changed the same thing: what only one of them changed is merged, the rest is asked.

import { useState } from "preact/hooks";

import { isChanged, type Answer } from "../calls";
import { useAct } from "../loading";
import { Button } from "../parts/button";
import { Note } from "../parts/note";
import { Told } from "../parts/told";
import { labelOf } from "./control";
import { same } from "./describe";
import { words } from "./words";

/** Fields that were changed on both sides: as the desk has them now, and as they were to be. */
interface Clash<T> {
  theirs: Answer<T>;
  mine: Partial<T>;
  fields: (keyof T & string)[];
}

interface Ways<T> {
  /** Saves changes of the state that the ETag names. */
  change: (changes: Partial<T>, match: string | null) => Promise<Answer<T>>;
  read: () => Promise<Answer<T>>;
  /** Takes what the desk has now; `changed` where that was by these changes. */
  saved: (answer: Answer<T>, changed: boolean) => void;
}

/** How often others may be faster. */
const TRIES = 4;

const names = <T extends object>(of: Partial<T>): (keyof T & string)[] =>
  Object.keys(of) as (keyof T & string)[];

/** Saves changes that were made of `read`; without its ETag the desk is asked for it first.

Where the desk has others meanwhile, they are merged and saved again; where both changed the same
field, nothing is saved and the clash is returned.
*/
async function saveMerged<T extends object>(
  read: Answer<T>,
  mine: Partial<T>,
  { change, read: readAgain }: Ways<T>,
): Promise<Answer<T> | Clash<T>> {
  let { etag } = read;
  let changes = mine;
  for (let tried = 1; ; tried += 1) {
    try {
      if (etag) return await change(changes, etag);
    } catch (error) {
      if (!isChanged(error) || tried >= TRIES) throw error;
    }
    const theirs = await readAgain();
    const left = names<T>(changes).filter((name) => !same(theirs.data[name], changes[name]));
    const fields = left.filter((name) => !same(theirs.data[name], read.data[name]));
    if (fields.length > 0) return { theirs, mine, fields };
    if (left.length === 0) return theirs;
    changes = Object.fromEntries(left.map((name) => [name, changes[name]])) as Partial<T>;
    etag = theirs.etag;
  }
}

/** Saving of changes, one act at a time, with the question that a clash leads to. */
export function useSaving<T extends object>(ways: Ways<T>) {
  const { busy, refused, run } = useAct();
  const [clash, setClash] = useState<Clash<T>>();
  const save = (read: Answer<T>, changes: Partial<T>): Promise<boolean> =>
    run(async () => {
      const found = await saveMerged(read, changes, ways);
      if ("fields" in found) {
        setClash(found);
        return;
      }
      setClash(undefined);
      ways.saved(found, true);
    });
  const settle = ({ theirs, mine, fields }: Clash<T>, keep: boolean): void => {
    const kept = names<T>(mine).filter((name) => keep || !fields.includes(name));
    if (kept.length > 0) {
      void save(theirs, Object.fromEntries(kept.map((name) => [name, mine[name]])) as Partial<T>);
      return;
    }
    setClash(undefined);
    ways.saved(theirs, false);
  };
  /** Both values of each field that both sides have changed; nothing where there is none. */
  const question = (shown: (name: keyof T & string, value: unknown) => string) =>
    clash && (
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
                  <Told text={shown(name, clash.mine[name])} />
                </td>
                <td>
                  <Told text={shown(name, clash.theirs.data[name])} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <div class="row">
          <Button little disabled={busy} onClick={() => settle(clash, true)}>
            {words.keepMine}
          </Button>
          <Button little disabled={busy} onClick={() => settle(clash, false)}>
            {words.takeTheirs}
          </Button>
        </div>
      </Note>
    );
  return { busy, refused, run, save, question, clashes: clash !== undefined };
}
