// A label, a control, a hint and what is wrong with it, joined for screen readers.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import type { Refused } from "../calls";
import { Icon } from "./icons";

export interface Joined {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": "true" | undefined;
}

interface Props {
  label: string;
  hint?: ComponentChildren;
  wrong?: string | undefined;
  /** The field's name in the desk's refusals. */
  name?: string | undefined;
  refused?: Refused | undefined;
  /** Keeps the label for screen readers alone. */
  quiet?: boolean;
  children: (joined: Joined) => ComponentChildren;
}

export function Field(props: Props) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const refused = props.refused?.field !== undefined && props.refused.field === props.name;
  const wrong = refused ? props.refused?.message : props.wrong;
  useEffect(() => {
    if (refused) focusOn(box.current);
  }, [props.refused]);
  const described = [wrong ? `${id}-wrong` : "", props.hint ? `${id}-hint` : ""].filter(Boolean);
  return (
    <div class="field" ref={box}>
      <label for={id} class={props.quiet ? "unseen" : undefined}>
        {props.label}
      </label>
      {props.children({
        id,
        "aria-describedby": described.join(" ") || undefined,
        "aria-invalid": wrong ? "true" : undefined,
      })}
      <Wrong id={`${id}-wrong`} text={wrong} />
      {props.hint && (
        <div class="hint" id={`${id}-hint`}>
          {props.hint}
        </div>
      )}
    </div>
  );
}

export function Wrong({ id, text }: { id?: string; text: string | undefined }) {
  if (!text) return null;
  return (
    <div class="wrong" id={id}>
      <Icon name="alert" size={16} />
      <span>{text}</span>
    </div>
  );
}

/** Brings a refused field into sight, out of a folded part too. */
export function focusOn(box: HTMLElement | null): void {
  if (!box) return;
  for (let at: HTMLElement | null = box; at; at = at.parentElement) {
    if (at instanceof HTMLDetailsElement) at.open = true;
  }
  box.querySelector<HTMLElement>("input, select, textarea, button")?.focus();
}

interface TextProps {
  label: string;
  hint?: ComponentChildren;
  wrong?: string | undefined;
  name?: string | undefined;
  refused?: Refused | undefined;
  quiet?: boolean;
  mono?: boolean;
  type?: "text" | "date" | "email" | "number";
  placeholder?: string;
  maxLength?: number;
  autocomplete?: "off";
  disabled?: boolean;
  class?: string;
  value: string;
  onValue: (value: string) => void;
}

export function TextField(props: TextProps) {
  const { label, hint, wrong, name, refused, quiet, mono, value, onValue, ...rest } = props;
  return (
    <Field label={label} hint={hint} wrong={wrong} name={name} refused={refused} quiet={quiet ?? false}>
      {(joined) => (
        <input
          {...(rest as object)}
          {...joined}
          dir={mono ? "ltr" : "auto"}
          class={`input ${mono ? "mono" : ""} ${rest.class ?? ""}`}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

interface ChoiceProps<T extends string> {
  legend: string;
  quiet?: boolean;
  value: T;
  choices: readonly { value: T; label: ComponentChildren; disabled?: boolean }[];
  onValue: (value: T) => void;
  focus?: boolean;
}

/** One of a few. */
export function Radios<T extends string>(props: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset>
      <legend class={props.quiet ? "unseen" : undefined}>{props.legend}</legend>
      <div class="choices">
        {props.choices.map((choice) => (
          <label class={`choice ${choice.disabled ? "off" : ""}`} key={choice.value}>
            <input
              type="radio"
              name={name}
              checked={props.value === choice.value}
              disabled={choice.disabled}
              autofocus={props.focus && props.value === choice.value}
              onChange={() => props.onValue(choice.value)}
            />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** One of a few that fits into a line: filters. */
export function Segments<T extends string>(props: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset class="phone-whole">
      <legend class="unseen">{props.legend}</legend>
      <div class="segments">
        {props.choices.map((choice) => (
          <label key={choice.value}>
            <input
              type="radio"
              name={name}
              checked={props.value === choice.value}
              onChange={() => props.onValue(choice.value)}
            />
            {choice.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Check(props: {
  label: ComponentChildren;
  hint?: ComponentChildren;
  checked: boolean;
  disabled?: boolean;
  onValue: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div>
      <label class={`choice ${props.disabled ? "off" : ""}`}>
        <input
          type="checkbox"
          checked={props.checked}
          disabled={props.disabled}
          aria-describedby={props.hint ? id : undefined}
          onChange={(event) => props.onValue(event.currentTarget.checked)}
        />
        <span>{props.label}</span>
      </label>
      {props.hint && (
        <div class="hint" id={id}>
          {props.hint}
        </div>
      )}
    </div>
  );
}
