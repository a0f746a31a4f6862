// Shell commands that test a key: per API, a create if the key may create, else a harmless read.

import type { Permission } from "../../types";

export interface Try {
  name: string;
  /** The commands, with KEY in place of the secret. */
  lines: (secret: string) => string;
}

const BODY = `{"name": "Test", "email": "you@example.org",\n    "subject": "Hello", "message": "From curl."}`;

/** The commands that a key with these permissions can run, by the URLs of the desk's families.

`department` is one in which it may open tickets.
*/
export function tries(
  permissions: readonly Permission[],
  { osticket, zammad, notific }: Record<string, string | undefined>,
  department: number,
): Try[] {
  const has = (name: Permission): boolean => permissions.includes(name);
  const told = (name: string, lines: string): Try => ({
    name,
    lines: (secret) => ` export KEY=${secret}\n${lines}`,
  });
  const found: Try[] = [];
  const creates = has("can_create_tickets");
  const searches = has("can_search_tickets") || has("can_read_tickets");
  if (osticket) {
    if (creates) {
      found.push(
        told("osTicket", `curl ${osticket}/api/tickets.json -H "X-API-Key: $KEY" \\\n  -d '${BODY}'`),
        told("v1", `curl ${osticket}/api/v1/tickets.php -H "X-API-Key: $KEY" \\\n  -d '${BODY}'`),
      );
    }
    if (searches) {
      found.push(
        told("Plugin", `curl "${osticket}/api/tickets-search.php?limit=1" -H "X-API-Key: $KEY"`),
      );
    }
    if (creates) {
      const mail = "From: you@example.org\nSubject: Hello\n\nFrom curl.\n";
      found.push(
        told(
          "Mail",
          `curl ${osticket}/api/tickets.email -H "X-API-Key: $KEY" --data-binary @- <<'MAIL'\n${mail}MAIL`,
        ),
      );
    }
  }
  const token = `-H "Authorization: Token token=$KEY"`;
  if (zammad) {
    if (creates) {
      const body = `{"title": "Hello", "group_id": ${department}, "customer": "you@example.org",\n   "article": {"subject": "Hello", "body": "From curl."}}`;
      found.push(
        told(
          "Zammad",
          `curl ${zammad}/api/v1/tickets ${token} \\\n  -H "Content-Type: application/json" -d '${body}'`,
        ),
      );
    } else if (searches) {
      found.push(told("Zammad", `curl "${zammad}/api/v1/tickets?per_page=1" ${token}`));
    }
  }
  if (notific && has("can_read_tickets")) {
    found.push(told("Notific", `curl "${notific}/api/Tickets?key=$KEY"`));
  }
  return found;
}
