// A chart of lines over days. They differ by their dash, and by the word at their end.

import { Chart, type Frame } from "./chart";

export interface Series {
  label: string;
  /** One for each day; null where nobody knows. */
  values: readonly (number | null)[];
}

const DASHES = ["", "6 4", "2 3"];
const LABEL_HEIGHT = 16;

export function Lines({ said, days, series }: { said: string; days: readonly string[]; series: Series[] }) {
  const highest = Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const longest = Math.max(...series.map(({ label }) => label.length));
  return (
    <Chart said={said} days={days} highest={highest} end={longest * 8 + 8}>
      {(frame) => (
        <>
          {series.map(({ label, values }, at) => (
            <g class={`line-of nth-${at}`} key={label}>
              <path d={path(values, frame)} stroke-dasharray={DASHES[at]} />
            </g>
          ))}
          {labels(series, frame).map(({ label, nth, y }) => (
            <text class={`nth-${nth}`} key={label} x={frame.x(days.length - 1) + 8} y={y}>
              {label}
            </text>
          ))}
        </>
      )}
    </Chart>
  );
}

/** A day that stands alone is a dot: a line of no length with round ends. */
function path(values: readonly (number | null)[], { x, y }: Frame): string {
  return values
    .map((value, at) => {
      if (value === null) return "";
      const point = `${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      const alone = (values[at - 1] ?? null) === null;
      return alone ? `M${point}l0.01 0` : `L${point}`;
    })
    .join("");
}

/** Where the words stand: at the last value that is known, none over another, none below zero. */
function labels(series: Series[], { y }: Frame): { label: string; nth: number; y: number }[] {
  let lowest = Infinity;
  return series
    .map(({ label, values }, nth) => {
      const last = values.findLast((value) => value !== null) ?? 0;
      return { label, nth, y: y(last) + 4 };
    })
    .sort((one, other) => other.y - one.y)
    .map((one) => {
      const free = Math.min(one.y, lowest);
      lowest = free - LABEL_HEIGHT;
      return { ...one, y: free };
    });
}
