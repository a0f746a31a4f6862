// Working hours: seven days, each from and to, or closed.

import { Wrong } from "../parts/field";
import { words } from "./words";

type Hours = Record<string, [number, number]>;

const two = (value: number): string => String(value).padStart(2, "0");
const clock = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;

function minutes(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  return match ? Number(match[1]) * 60 + Number(match[2]) : null;
}

/** "Mon–Fri 8:00–17:00": days of the same hours together. */
export function hoursInWords(value: unknown): string {
  const hours = (value ?? {}) as Hours;
  const spans: { from: number; to: number; said: string }[] = [];
  for (let day = 0; day < 7; day += 1) {
    const one = hours[day];
    if (!one) continue;
    const said = `${clock(one[0])}–${clock(one[1])}`;
    const last = spans.at(-1);
    if (last?.said === said && last.to === day - 1) last.to = day;
    else spans.push({ from: day, to: day, said });
  }
  const name = (day: number): string => words.daysShort[day] ?? "";
  return (
    spans
      .map(({ from, to, said }) => `${from === to ? name(from) : `${name(from)}–${name(to)}`} ${said}`)
      .join(", ") || words.never
  );
}

export function Days(props: { label: string; value: unknown; onValue: (value: Hours) => void }) {
  const hours = (props.value ?? {}) as Hours;
  const set = (day: number, value: [number, number] | null): void => {
    const others = Object.entries(hours).filter(([name]) => name !== String(day));
    const all = value ? [...others, [String(day), value] as const] : others;
    props.onValue(Object.fromEntries(all.sort(([one], [other]) => Number(one) - Number(other))) as Hours);
  };
  return (
    <fieldset>
      <legend>{props.label}</legend>
      <div class="days">
        {words.days.map((name, day) => {
          const one = hours[day];
          const turned = one && one[0] >= one[1];
          return (
            <div class="day" key={name}>
              <span class="day-name">{name}</span>
              {[0, 1].map((at) => (
                <input
                  key={at}
                  class="input time"
                  type="time"
                  aria-label={`${name}: ${at === 0 ? words.from : words.to}`}
                  aria-invalid={turned ? "true" : undefined}
                  disabled={!one}
                  // The end of the day is 24:00, which such a field cannot hold.
                  value={one ? clock(Math.min(one[at] ?? 0, 1439)) : ""}
                  onChange={(event) => {
                    const value = minutes(event.currentTarget.value);
                    if (value === null || !one) return;
                    const end = at === 1 && value === 1439 ? 1440 : value;
                    set(day, at === 0 ? [value, one[1]] : [one[0], end]);
                  }}
                />
              ))}
              <label class="choice">
                <input
                  type="checkbox"
                  aria-label={`${name}: ${words.closed}`}
                  checked={!one}
                  onChange={(event) => set(day, event.currentTarget.checked ? null : [480, 1020])}
                />
                <span>{words.closed}</span>
              </label>
              {turned && <Wrong text={`${words.from} ≥ ${words.to}`} />}
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}
