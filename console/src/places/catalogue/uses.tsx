// What uses a row, and so keeps it from being deleted.

import { call, type Refused } from "../../calls";
import { may } from "../../desk";
import { Note, Refusal } from "../../parts/note";
import { Told } from "../../parts/told";
import { to } from "../../places";
import { words as common } from "../../words";
import { words } from "./words";

export interface Uses {
  items?: { kind: string; id: number; name: string }[];
  /** Their names are for those who manage keys. */
  keys?: { id: number; name: string | null }[];
  tickets?: number | null;
  people?: number;
  settings?: string[];
}

export async function usesOf(kind: string, id: number, signal?: AbortSignal): Promise<Uses> {
  return (await call<Uses>("GET", `${kind}/${id}/uses`, { signal })).data;
}

/** The uses, where there is any. */
export function inUse(of: Uses | undefined): Uses | undefined {
  const any = of?.items?.length || of?.keys?.length || of?.settings?.length || of?.tickets || of?.people;
  return any ? of : undefined;
}

export function UsedBy({ of }: { of: Uses }) {
  return (
    <>
      <p>{words.inUse}</p>
      <ul>
        {of.items?.map((one) => (
          <li key={`${one.kind}-${one.id}`}>
            {words.kinds[one.kind] ?? one.kind}:{" "}
            <a href={to(["catalogue", one.kind, one.id])}>
              <Told text={one.name} />
            </a>
          </li>
        ))}
        {of.keys?.map(({ id, name }) => (
          <li key={id}>
            {common.nav.keys}:{" "}
            {may("can_manage_keys") ? (
              <a href={to(["keys", id])}>
                <Told text={name ?? ""} />
              </a>
            ) : (
              `#${id}`
            )}
          </li>
        ))}
        {of.settings?.map((one) => (
          <li key={one}>
            {common.nav.settings}: <code>{one}</code>
          </li>
        ))}
        {Boolean(of.people) && <li>{words.persons(of.people ?? 0)}</li>}
        {Boolean(of.tickets) && <li>{words.tickets(of.tickets ?? 0)}</li>}
      </ul>
    </>
  );
}

/** A refusal, and where a row is in use, by what. */
export function Blame({ refused }: { refused: Refused }) {
  const used = (refused.body as { error?: { used_by?: Uses } } | null)?.error?.used_by;
  if (refused.code !== "in_use" || !used) return <Refusal refused={refused} />;
  return (
    <Note kind="bad">
      <UsedBy of={used} />
    </Note>
  );
}
