// Beside the text of a mail template: the values that it may hold, and those that are none.

import { schema } from "../../desk";
import { Wrong } from "../../parts/field";
import { Icon } from "../../parts/icons";
import type { Values } from "../../types";
import { words } from "./words";

const VALUE = /%\{([^}]*)\}/g;

export function TemplateValues(props: { values: Values; set: (name: string, value: string) => void }) {
  const known = schema.value?.templates.values ?? [];
  const text = `${String(props.values["subject"] ?? "")} ${String(props.values["body"] ?? "")}`;
  const unknown = [...text.matchAll(VALUE)]
    .map((match) => match[1] ?? "")
    .filter((name) => !known.includes(name));
  const insert = (name: string): void => {
    const area = document.querySelector<HTMLTextAreaElement>(".open-row textarea");
    const body = String(props.values["body"] ?? "");
    const at = area?.selectionStart ?? body.length;
    props.set("body", `${body.slice(0, at)}%{${name}}${body.slice(at)}`);
    area?.focus();
  };
  return (
    <>
      <div role="status">
        <Wrong
          text={
            unknown.length > 0
              ? words.unknown([...new Set(unknown)].map((name) => `%{${name}}`).join(", "))
              : undefined
          }
        />
      </div>
      <details class="fold">
        <summary>
          <Icon name="turn" turn />
          {words.values}
        </summary>
        <div class="row">
          {known.map((name) => (
            <button type="button" class="button little mono" key={name} onClick={() => insert(name)}>
              {name}
            </button>
          ))}
        </div>
      </details>
    </>
  );
}
