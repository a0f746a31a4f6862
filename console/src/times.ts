// Formats times and numbers for this browser's locale.

const DAY = 86_400_000;

/** The page is in English: dates follow the reader's own variant of English. */
const LANGUAGE = navigator.languages.find((name) => name.startsWith("en-")) ?? "en-GB";

const day = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short", year: "numeric" });
const whole = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "full", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: "short" });
const clockUtc = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: "short", timeZone: "UTC" });
const dayInFull = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "full", timeZone: "UTC" });
const dayUtc = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short", timeZone: "UTC" });
const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "always" });
const figure = new Intl.NumberFormat(LANGUAGE);

export const number = (value: number): string => figure.format(value);

/** "30 Nov" in this year, "30 Nov 2027" in another. */
export function date(at: string): string {
  const moment = new Date(at);
  const near = moment.getFullYear() === new Date().getFullYear();
  return (near ? day : dayOfYear).format(moment);
}

/** "30 Nov 2026", whatever the year. */
export function dateWithYear(at: string): string {
  return dayOfYear.format(new Date(at));
}

/** "30 Nov, 14:00". */
export function dateAndTime(at: string): string {
  return `${date(at)}, ${clock.format(new Date(at))}`;
}

/** "Sunday, 28 November 2027 at 23:59 your time (22:59 UTC)". */
export function full(at: string): string {
  const moment = new Date(at);
  return `${whole.format(moment)} your time (${clockUtc.format(moment)} UTC)`;
}

/** "29 Nov", for a day in UTC such as `2026-11-29`. */
export function dayOfUtc(utc: string): string {
  return dayUtc.format(new Date(`${utc}T12:00:00Z`));
}

/** "Sunday 29 November 2026", for a day in UTC such as `2026-11-29`. */
export function fullDay(utc: string): string {
  return dayInFull.format(new Date(`${utc}T12:00:00Z`));
}

export function daysUntil(at: string): number {
  return Math.ceil((Date.parse(at) - Date.now()) / DAY);
}

export function daysSince(at: string): number {
  return Math.floor((Date.now() - Date.parse(at)) / DAY);
}

/** "Past hour", "3 hours ago", "2 days ago", then the date: the desk's data is no finer. */
export function ago(at: string): string {
  const hours = Math.floor((Date.now() - Date.parse(at)) / 3_600_000);
  if (hours < 1) return "Past hour";
  if (hours < 24) return relative.format(-hours, "hour");
  const days = daysSince(at);
  if (days <= 14) return relative.format(-days, "day");
  if (days > 360) return relative.format(-Math.floor(days / 30.4), "month");
  return date(at);
}

/** The days until then: "today", "tomorrow", "in 3 days". */
export function inDays(days: number): string {
  if (days <= 0) return "today";
  return days === 1 ? "tomorrow" : relative.format(days, "day");
}

/** The end of a local day, in the desk's format. */
export function endOfDay(year: number, month: number, dayOfMonth: number): string {
  const end = new Date(year, month, dayOfMonth, 23, 59, 59);
  return `${end.toISOString().slice(0, 19)}Z`;
}

/** The end of the day that many days from now. */
export function endIn(days: number): string {
  const now = new Date();
  return endOfDay(now.getFullYear(), now.getMonth(), now.getDate() + days);
}

/** "2026-11-30": the local day, in the format of date fields. */
export function dayHere(at: string): string {
  const moment = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** "1.4 MB". */
export function size(bytes: number): string {
  const units = ["B", "KB", "MB", "GB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)} ${units[unit]}`;
}
