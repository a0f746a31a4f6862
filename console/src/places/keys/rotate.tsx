// A new secret for a key; the old one works on for as long as is chosen.

import { useRef, useState } from "preact/hooks";

import { rotateKey } from "../../api";
import { newOnce } from "../../calls";
import { useAct } from "../../loading";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Radios } from "../../parts/field";
import { Refusal } from "../../parts/note";
import { go, to } from "../../places";
import { dateAndTime, full } from "../../times";
import type { Key } from "../../types";
import { overlapping } from "./facts";
import { show } from "./secret";
import { words as common } from "../../words";
import { words } from "./words";

type Hours = keyof typeof words.overlaps;

const HOURS: Hours[] = ["0", "1", "24", "168", "720"];

export function Rotate({ of, onClose }: { of: Key; onClose: () => void }) {
  const [hours, setHours] = useState<Hours>("24");
  const once = useRef(newOnce());
  const { busy, refused, run } = useAct();
  const make = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      const made = await rotateKey(of.id, Number(hours), once);
      show(made, "rotated");
      onClose();
      go(to(["keys", of.id]));
    });
  };
  const ends = new Date(Date.now() + Number(hours) * 3_600_000).toISOString();
  return (
    <Dialog title={words.rotateTitle(of.name)} onClose={onClose}>
      <form onSubmit={make}>
        <p>{words.rotateText}</p>
        {of.old_secret && overlapping(of) && (
          <p class="strong">{words.overlapEnds(dateAndTime(of.old_secret.ends))}</p>
        )}
        <Radios<Hours>
          legend={words.overlap}
          value={hours}
          focus
          choices={HOURS.map((value) => ({ value, label: words.overlaps[value] }))}
          onValue={setHours}
        />
        <p class="hint">{hours === "0" ? words.overlapNone : words.overlapUntil(full(ends))}</p>
        <Refusal refused={refused} />
        <div class="acts">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button submit kind="main" busy={busy && words.makingSecret}>
            {words.makeSecret}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
