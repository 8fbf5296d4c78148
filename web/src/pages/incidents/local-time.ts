/** As a datetime-local field has it: the reader's own time, to the minute. */
export const localTime = (at: Date): string =>
  new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

/** The reader's own time zone as people call it: "Europe/Berlin". */
export const timeZoneName = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone || "local time";
