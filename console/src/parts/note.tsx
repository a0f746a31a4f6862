// A sentence in a coloured frame, and what the desk has refused.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import type { Refused } from "../calls";
import { words } from "../words";
import { Link } from "./button";
import { Icon } from "./icons";
import { warn } from "./live";
import { Code } from "./told";

export function Note(props: { kind: "warn" | "bad" | "good"; children: ComponentChildren }) {
  return (
    <div class={`note ${props.kind}`}>
      <Icon name={props.kind === "good" ? "check" : "alert"} />
      <div>{props.children}</div>
    </div>
  );
}

/** A refusal that has no field of its own on this screen. */
export function Refusal(props: { refused: Refused | undefined; again?: () => void }) {
  const { refused, again } = props;
  useEffect(() => {
    if (refused) warn(refused.message);
  }, [refused]);
  if (!refused) return null;
  return (
    <Note kind="bad">
      {refused.message}
      {refused.request && refused.status >= 500 && (
        <p class="small muted">
          {words.requestId} <Code text={refused.request} />
        </p>
      )}
      {again && (
        <div class="row">
          <Link onClick={again}>{words.tryAgain}</Link>
        </div>
      )}
    </Note>
  );
}
