// The words of the first place.

export const words = {
  title: "Start",
  today: "Today",
  nothing: "Nothing needs you today.",
  held: (count: string) => (count === "1" ? "1 mail is held: it became no ticket." : `${count} mails are held: they became no tickets.`),
  dead: (count: number) => (count === 1 ? "1 dead letter waits for somebody to look at it." : `${count} dead letters wait for somebody to look at them.`),
  late: (name: string) => `${name}: the queue is late.`,
  ending: (count: number) => (count === 1 ? "1 key ends within 30 days." : `${count} keys end within 30 days.`),
  unused: (count: number) => (count === 1 ? "1 key is used by nobody." : `${count} keys are used by nobody.`),
  refused: (count: string) => (count === "1" ? "1 mail was refused." : `${count} mails were refused.`),
  overdue: (count: string) => (count === "1" ? "1 ticket is overdue." : `${count} tickets are overdue.`),
  many: (count: number) => `${count} or more`,
};
