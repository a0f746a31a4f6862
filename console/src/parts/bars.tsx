// A chart of bars, one for each day.

import { Chart } from "./chart";

export function Bars(props: { said: string; days: readonly string[]; values: readonly number[] }) {
  const { said, days, values } = props;
  return (
    <Chart said={said} days={days} highest={Math.max(0, ...values)}>
      {({ x, y, step }) =>
        values.map((value, at) => {
          const width = Math.max(1, step * 0.7);
          return (
            value > 0 && (
              <rect
                class="bar-of"
                key={days[at]}
                x={x(at) - width / 2}
                y={y(value)}
                width={width}
                height={y(0) - y(value)}
              />
            )
          );
        })
      }
    </Chart>
  );
}
