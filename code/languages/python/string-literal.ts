// The text a string literal stands for.

const BACKSLASH = 92;
const simpleEscapes: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** `from` is behind the opening quote, `end` behind the closing one (or where the text ends, if it is not closed). */
export function decodeString(source: string, from: number, end: number, tripled: boolean, raw: boolean): string {
  const quote = source.charCodeAt(from - 1);
  const width = tripled ? 3 : 1;
  const closed =
    end - width >= from && source.charCodeAt(end - 1) === quote && source.charCodeAt(end - width) === quote;
  const to = closed ? end - width : end;
  if (raw || to - from > 4000) return source.slice(from, to);
  for (let at = from; at < to; at++) {
    if (source.charCodeAt(at) === BACKSLASH) return unescape(source.slice(from, to));
  }
  return source.slice(from, to);
}

const escape =
  /\\(?:\r\n|[\n\r]|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|N\{[^}]*\}|([\s\S]))/g;

function unescape(text: string): string {
  return text.replace(escape, (whole, x, u, long, octal, simple) => {
    if (simple !== undefined) return simpleEscapes[simple] ?? whole;
    const hex: string | undefined = x ?? u ?? long;
    if (hex !== undefined) {
      const code = parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    }
    if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
    return whole.charCodeAt(1) === 78 ? whole : "";
  });
}

/** Docstring without its common indentation (as `inspect.cleandoc`), at most 2,000 characters. */
export function cleanDoc(text: string): string {
  const lines = text.slice(0, 8000).split(/\r\n|\r|\n/);
  let margin = Infinity;
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const indent = line.length - line.trimStart().length;
    if (indent < line.length && indent < margin) margin = indent;
  }
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    lines[i] = (i === 0 ? line.trimStart() : margin < Infinity ? line.slice(margin) : line).trimEnd();
  }
  const clean = lines.join("\n").trim();
  return clean.length > 2000 ? `${clean.slice(0, 1999)}…` : clean;
}
