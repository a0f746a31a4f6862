// The places about tickets: the list, and one conversation.

import { place } from "../../places";
import { TicketList } from "./list";
import { OneTicket } from "./one";

export function Tickets() {
  const [, ref] = place.value.parts;
  return ref ? <OneTicket key={ref} reference={ref} /> : <TicketList />;
}
