// The custom fields of a topic: in an order, each with its label, name and kind.

import { Button } from "../parts/button";
import { Check, Field, TextField } from "../parts/field";
import { Icon } from "../parts/icons";
import { schema } from "../desk";
import { fromPairs, labelOf, Lines, optionOf } from "./control";
import { words } from "./words";

export interface TopicField {
  name: string;
  label: string;
  kind: string;
  required: boolean;
  agents_only: boolean;
  choices: Record<string, string>;
  sort: number;
  [other: string]: unknown;
}

interface Props {
  label: string;
  value: TopicField[];
  onValue: (value: TopicField[]) => void;
}

export function TopicFields({ label, value, onValue }: Props) {
  const kinds = schema.value?.kinds["fields"]?.schema.properties["kind"]?.enum ?? [];
  const sorted = [...value].sort((one, other) => one.sort - other.sort);
  const put = (list: TopicField[]): void => onValue(list.map((field, at) => ({ ...field, sort: at + 1 })));
  const set = (at: number, changes: Partial<TopicField>): void =>
    put(sorted.map((field, place) => (place === at ? { ...field, ...changes } : field)));
  const move = (at: number, by: number): void => {
    const list = [...sorted];
    const [field] = list.splice(at, 1);
    if (field) list.splice(at + by, 0, field);
    put(list);
  };
  return (
    <fieldset class="stack tight">
      <legend>{label}</legend>
      {sorted.map((field, at) => (
        <details class="fold" key={at}>
          <summary>
            <Icon name="turn" turn />
            {field.label || words.newField}
            <span class="sum">{optionOf(field.kind)}</span>
          </summary>
          <div>
            <TextField label={labelOf("label")} value={field.label} onValue={(text) => set(at, { label: text })} />
            <TextField label={labelOf("name")} mono value={field.name} onValue={(text) => set(at, { name: text })} />
            <Field label={labelOf("kind")}>
              {(joined) => (
                <select
                  {...joined}
                  class="input"
                  value={field.kind}
                  onChange={(event) => set(at, { kind: event.currentTarget.value })}
                >
                  {kinds.map((kind) => (
                    <option value={kind} key={kind}>
                      {optionOf(kind)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            {field.kind === "choice" && (
              <Field label={labelOf("choices")} hint={words.pairALine}>
                {(joined) => (
                  <Lines
                    joined={joined}
                    value={field.choices}
                    read={fromPairs}
                    onValue={(choices) => set(at, { choices: choices as Record<string, string> })}
                  />
                )}
              </Field>
            )}
            <Check
              label={labelOf("required")}
              checked={field.required}
              onValue={(required) => set(at, { required })}
            />
            <Check
              label={labelOf("agents_only")}
              checked={field.agents_only}
              onValue={(agents_only) => set(at, { agents_only })}
            />
            <div class="row">
              <Button little icon="up" disabled={at === 0} onClick={() => move(at, -1)}>
                {words.up}
              </Button>
              <Button little icon="down" disabled={at === sorted.length - 1} onClick={() => move(at, 1)}>
                {words.down}
              </Button>
              <Button little onClick={() => put(sorted.filter((_, place) => place !== at))}>
                {words.remove}
              </Button>
            </div>
          </div>
        </details>
      ))}
      <div>
        <Button
          little
          icon="plus"
          onClick={() =>
            put([
              ...sorted,
              {
                name: `field${sorted.length + 1}`,
                label: words.newField,
                kind: "text",
                required: false,
                agents_only: false,
                choices: {},
                sort: 0,
              },
            ])
          }
        >
          {words.addField}
        </Button>
      </div>
    </fieldset>
  );
}
