// What is known of a ticket, and what of it can be changed.

import { useId } from "preact/hooks";

import { Link } from "../../parts/button";
import { Told } from "../../parts/told";
import { to } from "../../places";
import { dateAndTime, dayHere, endOfDay, full } from "../../times";
import type { Rows } from "./one";
import type { Named, Ticket } from "./types";
import { words } from "./words";

interface Props {
  ticket: Ticket;
  /** Rows to choose from, by kind; none where nothing may be changed. */
  rows: Rows;
  change: (changes: Record<string, unknown>) => void;
  /** Takes a link away; nothing where that is not allowed. */
  unlink: ((link: Ticket["links"][number]) => void) | undefined;
}

export function Facts({ ticket, rows, change, unlink }: Props) {
  const { facts } = words;
  const pick = (label: string, field: string, kind: string, value: Named | null, none: boolean) => (
    <Pick
      label={label}
      value={value}
      rows={rows[kind] ?? []}
      none={none}
      onPick={(id) => change({ [field]: id })}
    />
  );
  const others = ticket.people.filter((one) => one.role !== "requester");
  const mayChange = Object.keys(rows).length > 0;
  return (
    <dl class="facts pairs">
      {pick(facts.status, "status", "statuses", ticket.status, false)}
      <dt>{facts.person}</dt>
      <dd>
        <Told text={ticket.person?.name || words.noOne} />
        <div class="small muted">
          <Told text={ticket.person?.email ?? ""} />
        </div>
      </dd>
      {others.length > 0 && (
        <>
          <dt>{facts.also}</dt>
          <dd>
            <Told text={others.map((one) => one.name || one.email).join(", ")} />
          </dd>
        </>
      )}
      {pick(facts.agent, "agent", "agents", ticket.agent, true)}
      {pick(facts.team, "team", "teams", ticket.team, true)}
      {pick(facts.department, "department", "departments", ticket.department, false)}
      {pick(facts.priority, "priority", "priorities", ticket.priority, false)}
      <dt>{facts.due}</dt>
      <dd>
        {mayChange ? (
          <input
            class="input"
            type="date"
            aria-label={facts.due}
            value={ticket.due ? dayHere(ticket.due) : ""}
            onChange={(event) => {
              const [year, month, day] = event.currentTarget.value.split("-").map(Number);
              change({ due: year && month && day ? endOfDay(year, month - 1, day) : null });
            }}
          />
        ) : (
          (ticket.due && full(ticket.due)) || words.noOne
        )}
      </dd>
      {ticket.deadline && (
        <>
          <dt>{facts.deadline}</dt>
          <dd title={full(ticket.deadline)}>{dateAndTime(ticket.deadline)}</dd>
        </>
      )}
      {ticket.topic && (
        <>
          <dt>{facts.topic}</dt>
          <dd>
            <Told text={ticket.topic.name ?? ""} />
          </dd>
        </>
      )}
      {ticket.fields.map((field) => (
        <>
          <dt key={field.name}>
            <Told text={field.label} />
          </dt>
          <dd>
            <Told text={Array.isArray(field.value) ? field.value.join(", ") : String(field.value ?? "")} />
          </dd>
        </>
      ))}
      {ticket.tags.length > 0 && (
        <>
          <dt>{facts.tags}</dt>
          <dd>
            <Told text={ticket.tags.join(", ")} />
          </dd>
        </>
      )}
      <dt>{facts.source}</dt>
      <dd>
        <Told text={ticket.source} />
      </dd>
      <dt>{facts.created}</dt>
      <dd title={full(ticket.created)}>{dateAndTime(ticket.created)}</dd>
      {ticket.closed && (
        <>
          <dt>{facts.closed}</dt>
          <dd title={full(ticket.closed)}>{dateAndTime(ticket.closed)}</dd>
        </>
      )}
      {ticket.links.length > 0 && (
        <>
          <dt>{words.links}</dt>
          <dd>
            {ticket.links.map((link) => (
              <div key={`${link.kind} ${link.id}`}>
                <span class="muted">{words.linkKinds[link.kind] ?? link.kind}</span>{" "}
                <a href={to(["tickets", link.number])}>
                  <Told text={link.subject || words.number(link.number)} />
                </a>{" "}
                {unlink && (
                  <span class="small">
                    <Link label={words.link.removeOf(link.number)} onClick={() => unlink(link)}>
                      {words.link.remove}
                    </Link>
                  </span>
                )}
              </div>
            ))}
          </dd>
        </>
      )}
    </dl>
  );
}

function Pick(props: {
  label: string;
  value: Named | null;
  rows: { id: number; name: string }[];
  none: boolean;
  onPick: (id: number | null) => void;
}) {
  const { label, value, rows, none, onPick } = props;
  const id = useId();
  const known = rows.some((row) => row.id === value?.id);
  return (
    <>
      <dt>{rows.length > 0 ? <label for={id}>{label}</label> : label}</dt>
      <dd>
        {rows.length > 0 ? (
          <select
            id={id}
            class="input"
            value={value?.id ?? ""}
            onChange={(event) => onPick(Number(event.currentTarget.value) || null)}
          >
            {(none || !value) && <option value="">{words.nobody}</option>}
            {value && !known && <option value={value.id}>{value.name ?? `#${value.id}`}</option>}
            {rows.map((row) => (
              <option value={row.id} key={row.id}>
                {row.name}
              </option>
            ))}
          </select>
        ) : (
          <Told text={value?.name ?? words.noOne} />
        )}
      </dd>
    </>
  );
}
