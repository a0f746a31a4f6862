// What charts share: their size on the screen, three lines of a grid, and the days below.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { dayOfUtc, number } from "../times";

const HEIGHT = 200;
const TOP = 12;
const BOTTOM = 24;
const LINES = [0, 0.5, 1];

export interface Frame {
  /** Where something stands, in pixels. */
  x: (at: number) => number;
  y: (value: number) => number;
  /** Pixels from one day to the next. */
  step: number;
}

/** 1, 2 or 5 with zeros; 2 for 1 and 6 for 5, so that the middle of the grid is whole. */
export function roundUp(value: number): number {
  if (value <= 2) return 2;
  const tens = 10 ** Math.floor(Math.log10(value));
  const top = [1, 2, 5, 10].find((figure) => figure * tens >= value) ?? 10;
  return top * tens === 5 ? 6 : top * tens;
}

interface Props {
  /** Says what the picture shows. */
  said: string;
  /** Days of UTC, the oldest first. */
  days: readonly string[];
  highest: number;
  /** Pixels that are kept free at the end, for labels. */
  end?: number;
  children: (frame: Frame) => ComponentChildren;
}

export function Chart({ said, days, highest, end = 0, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const seen = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(240, Math.round(entry.contentRect.width)));
    });
    if (box.current) seen.observe(box.current);
    return () => seen.disconnect();
  }, []);
  const top = roundUp(highest);
  const start = number(top).length * 8 + 8;
  const step = (width - start - end) / Math.max(1, days.length);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const [first, last] = [days[0], days[days.length - 1]];
  return (
    <div ref={box} dir="ltr">
      <svg class="chart" viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={said}>
        {LINES.map((part) => (
          <g key={part}>
            <line class="grid-line" x1={start} x2={width - end} y1={y(part * top)} y2={y(part * top)} />
            <text x={start - 8} y={y(part * top) + 4} text-anchor="end">
              {number(part * top)}
            </text>
          </g>
        ))}
        {children({ x: (at) => start + (at + 0.5) * step, y, step })}
        {first && (
          <text x={start} y={HEIGHT - 4}>
            {dayOfUtc(first)}
          </text>
        )}
        {last && last !== first && (
          <text x={width - end} y={HEIGHT - 4} text-anchor="end">
            {dayOfUtc(last)}
          </text>
        )}
      </svg>
    </div>
  );
}
