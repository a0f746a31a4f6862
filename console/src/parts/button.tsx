// Buttons: of one width while they work, and deaf to a second press.

import type { ComponentChildren } from "preact";

import { Icon, type IconName } from "./icons";

interface Props {
  children: ComponentChildren;
  kind?: "main" | "danger" | "" | undefined;
  icon?: IconName | undefined;
  /** What it says while it works; it takes no press then. */
  busy?: string | false | undefined;
  disabled?: boolean | undefined;
  little?: boolean | undefined;
  class?: string | undefined;
  onClick?: (() => void) | undefined;
  submit?: boolean | undefined;
  form?: string | undefined;
  label?: string | undefined;
}

export function Button(props: Props) {
  const { children, kind = "", icon, busy = false, disabled = false, little = false } = props;
  return (
    <button
      type={props.submit ? "submit" : "button"}
      form={props.form}
      class={`button ${kind} ${little ? "little" : ""} ${busy ? "busy" : ""} ${props.class ?? ""}`}
      aria-disabled={busy ? true : undefined}
      aria-label={props.label}
      disabled={disabled}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else props.onClick?.();
      }}
    >
      {icon && <Icon name={icon} size={16} />}
      {busy || children}
    </button>
  );
}

/** A button that reads as part of a sentence. */
export function Link(props: { children: ComponentChildren; onClick: () => void; label?: string }) {
  return (
    <button type="button" class="link" aria-label={props.label} onClick={props.onClick}>
      {props.children}
    </button>
  );
}
