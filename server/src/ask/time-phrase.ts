// Time phrases in a question ("since yesterday", "in the last 3 days", "since 2026-11-01"): found, taken out, and made a moment.

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

type Reading = [pattern: RegExp, since: (match: RegExpExecArray, now: Date) => Date | null];

const unit = "(minutes?|mins?|hours?|hrs?|days?|weeks?|fortnights?|months?|quarters?|years?)";
const amount =
  "(\\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|(?:a )?few|(?:a )?couple(?: of)?)";

const readings: readonly Reading[] = [
  [
    /\b(?:since|after|from) (\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:z|[+-]\d{2}:?\d{2})?)?)\b/i,
    ([, date = ""]) =>
      valid(new Date(/[t ]\d/i.test(date) ? date.replace(" ", "T").toUpperCase() : `${date}T00:00:00`)),
  ],
  [
    new RegExp(
      `\\b(?:since|after|from) (?:the )?(?:(\\d{1,2})(?:st|nd|rd|th)?(?: of)? (${monthPattern})|(${monthPattern}) (\\d{1,2})(?:st|nd|rd|th)?)(?:,? (\\d{4}))?\\b`,
      "i",
    ),
    ([, d1, m1, m2, d2, year], now) => dayOfMonth(m1 ?? m2 ?? "", Number(d1 ?? d2), year, now),
  ],
  [
    new RegExp(`\\b(?:since|in|during|after) (${monthPattern})(?: (\\d{4}))?\\b(?! \\d)`, "i"),
    ([, month = "", year], now) => dayOfMonth(month, 1, year, now),
  ],
  [
    new RegExp(`\\b(?:in|over|within|during|for|since)? ?(?:the )?(?:last|past|previous) ${amount} ${unit}\\b`, "i"),
    ([, n = "", u = ""], now) => before(now, count(n), u),
  ],
  [new RegExp(`\\b(?:since )?${amount} ${unit} ago\\b`, "i"), ([, n = "", u = ""], now) => before(now, count(n), u)],
  [/\b(?:since|from|after) (?:the )?day before yesterday\b/i, (_match, now) => midnight(now, -2)],
  [/\b(?:since |from |after )?yesterday(?: morning| evening)?\b/i, (_match, now) => midnight(now, -1)],
  [/\b(?:since )?(?:today|this morning|tonight)\b/i, (_match, now) => midnight(now, 0)],
  [
    new RegExp(`\\b(?:since|on|from|after) (?:last )?(${weekdays.join("|")})\\b`, "i"),
    ([, day = ""], now) => lastWeekday(day, now),
  ],
  [new RegExp(`\\blast (${weekdays.join("|")})\\b`, "i"), ([, day = ""], now) => lastWeekday(day, now)],
  [
    /\b(?:since |during |in |over )?(?:the )?(?:last|past|previous) (hour|day|week|month|quarter|year|night)\b/i,
    ([, u = ""], now) => (u.toLowerCase() === "night" ? midnight(now, -1) : before(now, 1, u)),
  ],
  [
    /\b(?:since |during |in )?(?:the )?this (week|month|quarter|year)\b/i,
    ([, u = ""], now) => startOf(u.toLowerCase(), now),
  ],
  [/\b(?:recently|lately|of late)\b/i, (_match, now) => before(now, 1, "week")],
];

/** Null when the question has none. A phrase in the future counts as none. */
export function findTimePhrase(question: string, now: Date): TimePhrase | null {
  for (const [pattern, since] of readings) {
    const match = pattern.exec(question);
    if (match === null) continue;
    const moment = since(match, now);
    if (moment === null || moment > now) continue;
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
  if (word.startsWith("min")) date.setMinutes(date.getMinutes() - n);
  else if (word.startsWith("h")) date.setHours(date.getHours() - n);
  else if (word.startsWith("d")) date.setDate(date.getDate() - n);
  else if (word.startsWith("w")) date.setDate(date.getDate() - 7 * n);
  else if (word.startsWith("fortnight")) date.setDate(date.getDate() - 14 * n);
  else if (word.startsWith("mo")) date.setMonth(date.getMonth() - n);
  else if (word.startsWith("q")) date.setMonth(date.getMonth() - 3 * n);
  else date.setFullYear(date.getFullYear() - n);
  return date;
}

function midnight(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
}

function lastWeekday(day: string, now: Date): Date {
  const back = (now.getDay() - weekdays.indexOf(day.toLowerCase()) + 7) % 7 || 7;
  return midnight(now, -back);
}

function startOf(word: string, now: Date): Date {
  if (word === "week") return midnight(now, -((now.getDay() + 6) % 7));
  if (word === "month") return new Date(now.getFullYear(), now.getMonth(), 1);
  if (word === "quarter") return new Date(now.getFullYear(), now.getMonth() - (now.getMonth() % 3), 1);
  return new Date(now.getFullYear(), 0, 1);
}

function dayOfMonth(monthText: string, day: number, year: string | undefined, now: Date): Date | null {
  const month = months.findIndex((name) => name.startsWith(monthText.toLowerCase().slice(0, 3)));
  if (month === -1 || day < 1 || day > 31) return null;
  const date = new Date(year === undefined ? now.getFullYear() : Number(year), month, day);
  if (year === undefined && date > now) date.setFullYear(date.getFullYear() - 1);
  return date;
}
