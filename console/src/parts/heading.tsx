// The head of a place: its one h1, where the focus goes when somebody comes.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { me } from "../key";
import { Told, visible } from "./told";

export function Heading(props: {
  title: string;
  /** The list that it belongs to. */
  back?: { href: string; label: string } | undefined;
  lead?: ComponentChildren;
  acts?: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const desk = me.value?.desk.title;
  useEffect(() => {
    document.title = [visible(props.title), desk && visible(desk)].filter(Boolean).join(" · ");
  }, [props.title, desk]);
  // Not after the page is shown, when somebody may already be in a field.
  useLayoutEffect(() => {
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, []);
  return (
    <div class="head">
      <div>
        {props.back && (
          <a class="back" data-key="back" href={props.back.href}>
            {props.back.label}
          </a>
        )}
        <h1 tabIndex={-1} ref={heading}>
          <Told text={props.title} />
        </h1>
        {props.lead && <div class="muted">{props.lead}</div>}
      </div>
      {props.acts && <div class="row">{props.acts}</div>}
    </div>
  );
}
