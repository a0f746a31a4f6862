// A table that becomes a list of blocks where it is narrow; grey rows while it loads.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Loaded } from "../loading";
import { words } from "../words";
import { Button } from "./button";
import { Refusal } from "./note";

export interface Column<T> {
  head: string;
  /** Share of the width. */
  share: number;
  cell: (item: T) => ComponentChildren;
  /** Where it is narrow: in the last, muted line, under these words. */
  line?: boolean;
  class?: string;
}

interface Props<T> {
  caption: string;
  columns: Column<T>[];
  items: T[] | undefined;
  id: (item: T) => string | number;
  menu?: (item: T) => ComponentChildren;
  busy: boolean;
  chosen?: string | number | undefined;
}

const BEFORE_GREY = 150;

/** How many rows a list had when it was last shown. */
const heights = new Map<string, number>();

export function List<T>(props: Props<T>) {
  const { columns, items } = props;
  const grey = useGrey(items === undefined && props.busy);
  if (items) heights.set(props.caption, Math.max(1, Math.min(items.length, 12)));
  const total = columns.reduce((sum, column) => sum + column.share, 0);
  const part = (share: number): string => `${(share / total) * 100}%`;
  return (
    <div class="list" aria-busy={props.busy}>
      <table role="table" aria-label={props.caption} class={items && props.busy ? "old" : ""}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.head} width={part(column.share)} />
          ))}
          {props.menu && <col width="56" />}
        </colgroup>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th role="columnheader" scope="col" key={column.head}>
                {column.head}
              </th>
            ))}
            {props.menu && (
              <th role="columnheader" scope="col" class="acts">
                <span class="unseen">{words.more}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {items?.map((item) => (
            <tr
              role="row"
              key={props.id(item)}
              data-row={props.id(item)}
              aria-selected={props.chosen === props.id(item) ? true : undefined}
            >
              {columns.map((column) => (
                <td
                  role="cell"
                  key={column.head}
                  class={`${column.line ? "line" : ""} ${column.class ?? ""}`}
                >
                  {column.cell(item)}
                </td>
              ))}
              {props.menu && (
                <td role="cell" class="acts">
                  {props.menu(item)}
                </td>
              )}
            </tr>
          ))}
          {grey &&
            Array.from({ length: heights.get(props.caption) ?? 6 }, (_, row) => (
              <tr role="row" key={row} aria-hidden="true">
                {columns.map((column) => (
                  <td role="cell" key={column.head}>
                    <span class="grey" />
                  </td>
                ))}
                {props.menu && <td role="cell" class="acts" />}
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

function useGrey(loading: boolean): boolean {
  const [grey, setGrey] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setGrey(loading), loading ? BEFORE_GREY : 0);
    return () => clearTimeout(timer);
  }, [loading]);
  return grey && loading;
}

/** What stands above or instead of a list that did not come. */
export function Waiting<T>({ loaded }: { loaded: Loaded<T> }) {
  if (loaded.refused) return <Refusal refused={loaded.refused} again={loaded.reload} />;
  if (!loaded.slow) return null;
  return (
    <p role="status">
      {words.stillWaiting} <Button little onClick={loaded.reload}>{words.tryAgain}</Button>
    </p>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="list empty">{children}</div>;
}

/** "6 of 6 keys" and the button for more. */
export function Foot(props: { text: string; more?: (() => void) | undefined; busy?: boolean }) {
  return (
    <div class="row spread">
      <p class="small muted" role="status">
        {props.text}
      </p>
      {props.more && (
        <Button little onClick={props.more} busy={props.busy ? words.loading : false}>
          {words.showMore}
        </Button>
      )}
    </div>
  );
}
