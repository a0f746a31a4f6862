// Deleting a key: asked once, and for its name where it is in use.

import { deleteKey } from "../../api";
import type { Answer } from "../../calls";
import { me, signOut } from "../../key";
import { ask } from "../../parts/dialog";
import { say } from "../../parts/live";
import { daysSince } from "../../times";
import type { Key } from "../../types";
import { words } from "./words";

type Run = (act: () => Promise<void>) => Promise<boolean>;

export async function askToDelete(read: Answer<Key>, run: Run, gone: () => void): Promise<void> {
  const { data: key, etag } = read;
  const used = key.last_used !== null && daysSince(key.last_used) < 1;
  const own = me.value?.key.id === key.id;
  const agreed = await ask({
    title: words.deleteTitle(key.name),
    text: (
      <>
        <p>{words.deleteText}</p>
        {used && <p class="strong">{words.deleteUsed}</p>}
        {own && <p class="strong">{words.deleteOwn}</p>}
      </>
    ),
    type: used ? { name: key.name, label: words.deleteType } : undefined,
    safe: words.keep,
    act: words.deleteAct,
    danger: true,
  });
  if (!agreed) return;
  await run(async () => {
    await deleteKey(key.id, etag);
    if (own) signOut();
    gone();
    say(words.deleted(key.name));
  });
}
