// The places about tickets: the list, their numbers, and one conversation.

import { may } from "../../desk";
import { Heading } from "../../parts/heading";
import { place } from "../../places";
import { Shell } from "../../shell";
import { words as common } from "../../words";
import { TicketList } from "./list";
import { NEEDS, NumbersPlace } from "./numbers";
import { OneTicket } from "./one";
import { words } from "./words";

export function Tickets() {
  const [, ref] = place.value.parts;
  const listed = may("can_read_tickets", "can_search_tickets");
  if (ref === "numbers" || (!ref && !listed)) return may(...NEEDS) ? <NumbersPlace /> : <Closed />;
  return ref ? <OneTicket key={ref} reference={ref} /> : <TicketList />;
}

function Closed() {
  return (
    <Shell>
      <Heading title={words.numbers.title} />
      <p>{common.needs(NEEDS.join(" / "))}</p>
    </Shell>
  );
}
