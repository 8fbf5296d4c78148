// Time phrases in a question ("since yesterday", "in the last 3 days", "since 2026-11-01"): found, taken out, and made a moment.

export interface Since {
  at: Date;
  /** As in the question, for the answer to repeat. */
  text: string;
}

export interface TimePhrase {
  since: Date;
  /** As in the question, for the answer to repeat. */
  text: string;
  /** The question without the phrase. */
  rest: string;
}

const numbers: Record<string, number> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  few: 3,
  couple: 2,
};
const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const months = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const monthPattern = months.map((month) => `${month.slice(0, 3)}(?:${month.slice(3)})?`).join("|");

/** `here` and what is returned have the zone's wall clock in their UTC fields; `moment` is the exception: a time that is told with its zone. */
type Reading = [pattern: RegExp, since: (match: RegExpExecArray, here: Date) => Date | { moment: Date } | null];

const unit = "(minutes?|mins?|hours?|hrs?|days?|weeks?|fortnights?|months?|quarters?|years?)";
const amount =
  "(\\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|(?:a )?few|(?:a )?couple(?: of)?)";

const readings: readonly Reading[] = [
  [
    /\b(?:since|after|from) (\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:z|[+-]\d{2}:?\d{2})?)?)\b/i,
    ([, date = ""]) => {
      const written = /[t ]\d/i.test(date) ? date.replace(" ", "T").toUpperCase() : `${date}T00:00:00`;
      if (!/(?:Z|[+-]\d{2}:?\d{2})$/.test(written)) return valid(new Date(`${written}Z`));
      const moment = valid(new Date(written));
      return moment === null ? null : { moment };
    },
  ],
  [
    new RegExp(
      `\\b(?:since|after|from) (?:the )?(?:(\\d{1,2})(?:st|nd|rd|th)?(?: of)? (${monthPattern})|(${monthPattern}) (\\d{1,2})(?:st|nd|rd|th)?)(?:,? (\\d{4}))?\\b`,
      "i",
    ),
    ([, d1, m1, m2, d2, year], here) => dayOfMonth(m1 ?? m2 ?? "", Number(d1 ?? d2), year, here),
  ],
  [
    new RegExp(`\\b(?:since|in|during|after) (${monthPattern})(?: (\\d{4}))?\\b(?! \\d)`, "i"),
    ([, month = "", year], here) => dayOfMonth(month, 1, year, here),
  ],
  [
    /\b(?:since|after|from) (\d{4})-(\d{2})\b(?!-)/i,
    ([, year, month = ""], here) => dayOfMonth(months[Number(month) - 1] ?? "none", 1, year, here),
  ],
  // A year alone: later than "since 2020-05-01", which has its own reading above.
  [/\bsince ((?:19|20)\d{2})\b(?![-:./]\d)/i, ([, year = ""]) => new Date(Date.UTC(Number(year), 0, 1))],
  [
    new RegExp(`\\b(?:in|over|within|during|for|since)? ?(?:the )?(?:last|past|previous) ${amount} ${unit}\\b`, "i"),
    ([, n = "", u = ""], here) => before(here, count(n), u),
  ],
  [new RegExp(`\\b(?:since )?${amount} ${unit} ago\\b`, "i"), ([, n = "", u = ""], here) => before(here, count(n), u)],
  [/\b(?:since|from|after) (?:the )?day before yesterday\b/i, (_match, here) => midnight(here, -2)],
  [/\b(?:since |from |after )?yesterday(?: morning| evening)?\b/i, (_match, here) => midnight(here, -1)],
  [/\b(?:since )?(?:today|this morning|tonight)\b/i, (_match, here) => midnight(here, 0)],
  [
    new RegExp(`\\b(?:since|on|from|after) (?:last )?(${weekdays.join("|")})\\b`, "i"),
    ([, day = ""], here) => lastWeekday(day, here),
  ],
  [new RegExp(`\\blast (${weekdays.join("|")})\\b`, "i"), ([, day = ""], here) => lastWeekday(day, here)],
  [
    /\b(?:since |during |in |over )?(?:the )?(?:last|past|previous) (hour|day|week|month|quarter|year|night)\b/i,
    ([, u = ""], here) => (u.toLowerCase() === "night" ? midnight(here, -1) : before(here, 1, u)),
  ],
  [
    /\b(?:since |during |in )?(?:the )?this (week|month|quarter|year)\b/i,
    ([, u = ""], here) => startOf(u.toLowerCase(), here),
  ],
  [/\b(?:recently|lately|of late)\b/i, (_match, here) => before(here, 1, "week")],
];

/** Null when the question has none. A phrase in the future counts as none. */
export function findTimePhrase(question: string, now: Date, zone: string): TimePhrase | null {
  const here = wallClock(now, zone);
  for (const [pattern, since] of readings) {
    const match = pattern.exec(question);
    if (match === null) continue;
    const found = since(match, here);
    if (found === null) continue;
    const moment = "moment" in found ? found.moment : momentOf(found, zone);
    if (moment > now) continue;
    const rest = `${question.slice(0, match.index)} ${question.slice(match.index + match[0].length)}`
      .replace(/\s+/g, " ")
      .replace(/\s+([?.!,])/g, "$1")
      .trim();
    return { since: moment, text: match[0].trim(), rest };
  }
  return null;
}

const valid = (date: Date): Date | null => (Number.isNaN(date.getTime()) ? null : date);

function count(text: string): number {
  const word = text
    .toLowerCase()
    .replace(/^a (?=few|couple)/, "")
    .replace(/ of$/, "");
  return numbers[word] ?? Number(word);
}

function before(now: Date, n: number, unitText: string): Date {
  const date = new Date(now);
  const word = unitText.toLowerCase();
  if (word.startsWith("min")) date.setUTCMinutes(date.getUTCMinutes() - n);
  else if (word.startsWith("h")) date.setUTCHours(date.getUTCHours() - n);
  else if (word.startsWith("d")) date.setUTCDate(date.getUTCDate() - n);
  else if (word.startsWith("w")) date.setUTCDate(date.getUTCDate() - 7 * n);
  else if (word.startsWith("fortnight")) date.setUTCDate(date.getUTCDate() - 14 * n);
  else if (word.startsWith("mo")) date.setUTCMonth(date.getUTCMonth() - n);
  else if (word.startsWith("q")) date.setUTCMonth(date.getUTCMonth() - 3 * n);
  else date.setUTCFullYear(date.getUTCFullYear() - n);
  return date;
}

function midnight(now: Date, days: number): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + days));
}

function lastWeekday(day: string, now: Date): Date {
  const back = (now.getUTCDay() - weekdays.indexOf(day.toLowerCase()) + 7) % 7 || 7;
  return midnight(now, -back);
}

function startOf(word: string, now: Date): Date {
  if (word === "week") return midnight(now, -((now.getUTCDay() + 6) % 7));
  if (word === "month") return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  if (word === "quarter")
    return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - (now.getUTCMonth() % 3), 1));
  return new Date(Date.UTC(now.getUTCFullYear(), 0, 1));
}

function dayOfMonth(monthText: string, day: number, year: string | undefined, now: Date): Date | null {
  const month = months.findIndex((name) => name.startsWith(monthText.toLowerCase().slice(0, 3)));
  if (month === -1 || day < 1 || day > 31) return null;
  const date = new Date(Date.UTC(year === undefined ? now.getUTCFullYear() : Number(year), month, day));
  if (year === undefined && date > now) date.setUTCFullYear(date.getUTCFullYear() - 1);
  return date;
}

/** A moment as the zone's clocks show it, in the UTC fields of a date. */
function wallClock(moment: Date, zone: string): Date {
  const clock = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const part = Object.fromEntries(clock.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}

/** The other way. Where clocks are put on, a time that they skip is the moment of the change. */
function momentOf(wall: Date, zone: string): Date {
  let moment = wall;
  for (let round = 0; round < 2; round++)
    moment = new Date(moment.getTime() + (wall.getTime() - wallClock(moment, zone).getTime()));
  return moment;
}

/** `2026-11-20 00:00 Europe/Berlin` */
export const inZone = (moment: Date, zone: string): string =>
  `${wallClock(moment, zone).toISOString().slice(0, 16).replace("T", " ")} ${zone}`;
