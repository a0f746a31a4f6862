// The texts of the settings page; the desk supplies the description of each setting.

export const words = {
  title: "Settings",
  lead: "What holds for the whole desk. Each setting is saved by itself.",
  groups: "Groups",
  changed: "changed",
  backToStock: "Back to stock",
  stock: (value: string) => `Stock: ${value}`,
  saved: (name: string) => `${name} is saved.`,
  save: "Save",
  hears: "Who hears of what",
  event: "When",
  anybody: "At all",
  events: {
    ticket: "A new ticket",
    message: "A message of a requester",
    note: "A note or an answer",
    assigned: "An assignment",
    transfer: "A transfer",
    overdue: "A ticket is overdue",
  } as Record<string, string>,
  who: {
    admin: "Admin address",
    dept_manager: "Manager",
    dept_members: "Department",
    laststaff: "Last to answer",
    assigned: "Assigned",
    staff: "New agent",
    team_lead: "Team lead",
    team_members: "Team",
  } as Record<string, string>,
};
