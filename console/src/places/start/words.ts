// The words of the first place.

const one = (single: string, several: (count: string) => string) => (count: number, most: string) =>
  count === 1 ? single : several(most);

export const words = {
  title: "Start",
  today: "Today",
  nothing: "Nothing needs you today.",
  /** By the desk's word for each; `most` is the count as it is shown. */
  matters: {
    held_mail: one("1 mail is held: it became no ticket.", (count) => `${count} mails are held: they became no tickets.`),
    dead_letters: one("1 dead letter waits for somebody to look at it.", (count) => `${count} dead letters wait for somebody to look at them.`),
    queues_late: one("1 queue is late.", (count) => `${count} queues are late.`),
    keys_ending: one("1 key ends within 30 days.", (count) => `${count} keys end within 30 days.`),
    keys_unused: one("1 key is unused.", (count) => `${count} keys are unused.`),
    refused_mail: one("1 mail was refused in the last 7 days.", (count) => `${count} mails were refused in the last 7 days.`),
    overdue_tickets: one("1 ticket is overdue.", (count) => `${count} tickets are overdue.`),
  } as Record<string, (count: number, most: string) => string>,
  matter: (what: string, count: string) => `${what.replaceAll("_", " ")}: ${count}`,
  many: (count: string) => `${count} or more`,

  setUp: "Set up",
  done: (done: number, all: number) => `${done} of ${all} done`,
  allDone: "Everything is set up.",
  checkAgain: "Check again",
  checking: "Checking…",
  steps: {
    name: "Name and address",
    dkim: "Domain is proved (DKIM)",
    mail_from: "Bounces come back (MAIL FROM)",
    spf_dmarc: "SPF and DMARC",
    mx: "Mail comes in (MX)",
    mail_out: "Mail goes out",
    sandbox: "Out of SES’s sandbox",
    ses: "SES is content",
    alarms: "Alarms reach somebody",
    concurrency: "Room for functions",
    rows: "Your own departments and topics",
    own_key: "A key of your own",
  } as Record<string, string>,
  states: { done: "Done", todo: "To do", wrong: "Wrong", unknown: "Not known" },
  dismissed: "Not wanted",
  goTo: {
    name: "Open the settings",
    rows: "Open the departments",
    own_key: "Make a key",
  } as Record<string, string>,
  confirm: { rows: "These are fine" } as Record<string, string>,
  confirmElse: "It is done",
  confirmed: (name: string) => `${name}: done.`,
  dismiss: "Do not ask again",
  dismissOf: (name: string) => `Do not ask again: ${name}`,
  confirmOf: (act: string, name: string) => `${act}: ${name}`,
  dismissedNow: (name: string) => `${name} is asked about no more.`,
  records: (count: number) => (count === 1 ? "1 record for DNS" : `${count} records for DNS`),
  record: { type: "Type", name: "Name", value: "Value" },
  copy: "Copy",
  copyOf: (what: string, of: string) => `Copy the ${what.toLowerCase()}: ${of}`,
  testTo: "Send a test to",
  test: "Send a test",
  testing: "Sending…",
  tested: (to: string) => `A test goes to ${to}.`,
};
