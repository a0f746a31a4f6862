// The control of a field that a JSON Schema describes.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import type { Refused } from "../calls";
import { Check, Field, Radios, type Joined } from "../parts/field";
import { Told } from "../parts/told";
import type { Row } from "../types";
import { Days } from "./days";
import { humanized, same, type Described } from "./describe";
import { TopicFields, type TopicField } from "./topicfields";
import { words } from "./words";

export interface ControlProps {
  field: Described;
  value: unknown;
  onValue: (value: unknown) => void;
  /** Rows by kind, to choose from. */
  rows: Record<string, Row[]>;
  refused: Refused | undefined;
  disabled?: boolean;
  label?: string;
  hint?: ComponentChildren;
  /** In a table, whose heads are its labels: the label is for screen readers alone. */
  quiet?: boolean;
}

export function labelOf(name: string): string {
  return words.labels[name] ?? humanized(name);
}

export const optionOf = (option: string): string => words.options[option] ?? humanized(option);

export function Control(props: ControlProps) {
  const { field, value, onValue, rows, refused, disabled = false, quiet = false } = props;
  const label = props.label ?? labelOf(field.name);
  const { name, control } = field;
  if (control === "boolean") {
    return (
      <Check label={label} hint={props.hint} checked={value === true} disabled={disabled} onValue={onValue} />
    );
  }
  if (control === "choice" && field.options.length <= 3 && !disabled && !quiet) {
    return (
      <Radios
        legend={label}
        value={String(value)}
        choices={field.options.map((option) => ({ value: option, label: optionOf(option) }))}
        onValue={onValue}
      />
    );
  }
  if (control === "days") return <Days label={label} value={value} onValue={onValue} />;
  if (control === "fields") {
    const list = Array.isArray(value) ? (value as TopicField[]) : [];
    return <TopicFields label={label} value={list} onValue={onValue} />;
  }
  if (control === "rows") {
    const chosen = Array.isArray(value) ? (value as number[]) : [];
    return (
      <fieldset disabled={disabled}>
        <legend>{label}</legend>
        <div class="choices">
          {(rows[field.of ?? ""] ?? []).map((row) => (
            <label class="choice" key={row.id}>
              <input
                type="checkbox"
                checked={chosen.includes(row.id)}
                onChange={(event) => {
                  const others = chosen.filter((id) => id !== row.id);
                  onValue(event.currentTarget.checked ? [...others, row.id] : others);
                }}
              />
              <Told text={row.name} />
            </label>
          ))}
        </div>
      </fieldset>
    );
  }
  const hint = props.hint ?? hintOf(field);
  return (
    <Field label={label} name={name} refused={refused} hint={hint} quiet={quiet}>
      {(joined) => {
        if (control === "row") {
          const none = field.empty ? "" : "0";
          return (
            <select
              {...joined}
              class="input"
              disabled={disabled}
              value={value === null ? "" : String(value)}
              onChange={(event) => onValue(event.currentTarget.value === "" ? null : Number(event.currentTarget.value))}
            >
              {(field.empty || field.least === 0) && <option value={none}>{words.none}</option>}
              {(rows[field.of ?? ""] ?? []).map((row) => (
                <option value={row.id} key={row.id}>
                  {row.name}
                </option>
              ))}
            </select>
          );
        }
        if (control === "choice") {
          return (
            <select
              {...joined}
              class="input"
              disabled={disabled}
              value={String(value)}
              onChange={(event) => onValue(event.currentTarget.value)}
            >
              {field.options.map((option) => (
                <option value={option} key={option}>
                  {optionOf(option)}
                </option>
              ))}
            </select>
          );
        }
        if (control === "long") {
          return (
            <textarea
              {...joined}
              class={`input ${name === "body" ? "mono tall" : ""}`}
              dir="auto"
              disabled={disabled}
              value={String(value ?? "")}
              onInput={(event) => onValue(event.currentTarget.value)}
            />
          );
        }
        if (control === "lines" || control === "pairs") {
          return (
            <Lines
              joined={joined}
              disabled={disabled}
              value={value}
              read={control === "lines" ? fromLines : fromPairs}
              onValue={onValue}
            />
          );
        }
        const numeric = control === "number";
        return (
          <input
            {...joined}
            class={`input ${numeric ? "short" : ""}`}
            inputMode={numeric ? "numeric" : undefined}
            dir="auto"
            disabled={disabled}
            maxLength={field.longest}
            autocomplete="off"
            value={value === null || value === undefined ? "" : String(value)}
            onInput={(event) => {
              const text = event.currentTarget.value;
              onValue(numeric ? toNumber(text, field.empty) : text);
            }}
          />
        );
      }}
    </Field>
  );
}

/** A list, one a line: what is typed stays as it is typed, blank lines and all. */
export function Lines(props: {
  joined: Joined;
  value: unknown;
  read: (text: string) => unknown;
  onValue: (value: unknown) => void;
  disabled?: boolean;
}) {
  const { joined, value, read, onValue, disabled = false } = props;
  const [text, setText] = useState(() => toLines(value));
  const shown = same(read(text), value) ? text : toLines(value);
  return (
    <textarea
      {...joined}
      class="input"
      dir="auto"
      disabled={disabled}
      value={shown}
      onInput={(event) => {
        setText(event.currentTarget.value);
        onValue(read(event.currentTarget.value));
      }}
    />
  );
}

function hintOf(field: Described): string | undefined {
  if (field.name === "holidays") return words.holidays;
  if (field.control === "lines") return words.oneALine;
  return field.control === "pairs" ? words.pairALine : undefined;
}

/** What is no number goes to the desk as it is, and comes back with its words. */
function toNumber(text: string, empty: boolean): unknown {
  if (!text.trim()) return empty ? null : "";
  return /^\d+$/.test(text.trim()) ? Number(text) : text;
}

function toLines(value: unknown): string {
  if (Array.isArray(value)) return value.join("\n");
  const pairs = Object.entries((value ?? {}) as Record<string, string>);
  return pairs.map(([key, label]) => (key === label ? key : `${key}: ${label}`)).join("\n");
}

function fromLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

export function fromPairs(text: string): Record<string, string> {
  return Object.fromEntries(
    fromLines(text).map((line) => {
      const at = line.indexOf(":");
      return at < 0 ? [line, line] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
