// JSON as TypeScript's configuration files have it: with comments and trailing commas.

/** The value, or undefined when the text is not even that. */
export function parseJsonWithComments(text: string): unknown {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    return JSON.parse(source);
  } catch {
    try {
      return JSON.parse(withoutComments(source));
    } catch {
      return undefined;
    }
  }
}

/** What is wrong with a text that is not JSON even without its comments, in brackets; "" when nobody can say. */
export function syntaxErrorOf(text: string): string {
  try {
    JSON.parse(withoutComments(text));
    return "";
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/\s+/g, " ") : "";
    return message === "" ? "" : ` (${message.slice(0, 120)})`;
  }
}

function withoutComments(source: string): string {
  const parts: string[] = [];
  // Strings are kept as they are; comments go; a comma before a closing bracket goes.
  const token = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\/|,(?=(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/)*[\]}])/g;
  let from = 0;
  for (let m = token.exec(source); m !== null; m = token.exec(source)) {
    if (m[0].startsWith('"')) continue;
    parts.push(source.slice(from, m.index));
    from = m.index + m[0].length;
  }
  parts.push(source.slice(from));
  return parts.join("");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v) => typeof v === "string") : [];
}
