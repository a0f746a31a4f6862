// Tickets as returned by the admin API (docs/admin.md, Tickets).

export interface Named {
  id: number;
  name: string | null;
}

export interface Summary {
  id: number;
  number: string;
  subject: string;
  source: string;
  status: Named & { state: string };
  department: Named | null;
  topic: Named | null;
  priority: Named | null;
  sla: Named | null;
  agent: Named | null;
  team: Named | null;
  person: (Named & { email: string }) | null;
  created: string;
  updated: string;
  closed: string | null;
  due: string | null;
  deadline: string | null;
  overdue: boolean;
  answered: boolean;
}

export interface File {
  id: number;
  name: string;
  type: string;
  size: number;
  inline: boolean;
}

export interface Entry {
  id: number;
  kind: "message" | "response" | "note";
  internal: boolean;
  channel: string;
  poster: string;
  created: string;
  title: string;
  excerpt: string;
  quotes: boolean;
  headers: [string, string][];
  raw: boolean;
  attachments: File[];
}

export interface Happening {
  id: string;
  at: string;
  by: Named | null;
  what: string;
  thing: string;
  field: string | null;
  before: unknown;
  after: unknown;
}

export type LinkKind = "parent" | "child" | "normal";

export interface Ticket extends Summary {
  thread: Entry[];
  history: Happening[];
  people: (Named & { email: string; role: string; active: boolean })[];
  links: { kind: LinkKind; id: number; number: string; subject: string }[];
  fields: { name: string; label: string; value: unknown }[];
  tags: string[];
}

export interface EntryBody {
  html: string;
  quoted: string | null;
  remote: number;
}
