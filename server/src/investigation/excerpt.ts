// A few words of a Markdown text as plain text: its beginning, or what stands around the words that were asked for.
import { lexer, type Token, type Tokens } from "marked";
import { runsOf } from "./pdf/inline-runs.ts";

const excerptLength = 200;
/** Markup is longer than what it says; so much of the text is read for an excerpt. */
const readBefore = 400;
const readAfter = 1_200;

export function excerptOf(markdown: string, q: string | undefined): string {
  const words = q?.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const found = firstOf(words, markdown);
  // From the beginning of a line on: markup seldom goes over one.
  const start = found === null ? 0 : markdown.lastIndexOf("\n", Math.max(0, found - readBefore)) + 1;
  const part = markdown.slice(start, (found ?? start) + readAfter);
  const plain = plainOf(part);
  const at = firstOf(words, plain);
  const from = at === null || at < excerptLength / 2 ? 0 : wordStart(plain, at - 60);
  const text = plain.slice(from, from + excerptLength).trim();
  const isCut = from + excerptLength < plain.length || start + part.length < markdown.trimEnd().length;
  return `${start + from > 0 && at !== null ? "…" : ""}${text}${isCut ? "…" : ""}`;
}

function firstOf(words: readonly string[], text: string): number | null {
  const lower = text.toLowerCase();
  const places = words.map((word) => lower.indexOf(word)).filter((at) => at >= 0);
  return places.length === 0 ? null : Math.min(...places);
}

const wordStart = (text: string, at: number): number => text.indexOf(" ", Math.max(0, at)) + 1;

/** Headings are left out where there is more: the title says what they say. */
function plainOf(markdown: string): string {
  const tokens = lexer(markdown);
  const body = blocks(tokens.filter((token) => token.type !== "heading"));
  return (body === "" ? blocks(tokens) : body).replaceAll(/\s+/g, " ").trim();
}

const blocks = (tokens: readonly Token[]): string => tokens.map(block).join(" ").trim();

function block(token: Token): string {
  switch (token.type) {
    case "list":
      return (token as Tokens.List).items.map((item) => blocks(item.tokens)).join(" ");
    case "blockquote":
      return blocks((token as Tokens.Blockquote).tokens);
    case "code":
      return (token as Tokens.Code).text;
    case "table": {
      const { header, rows } = token as Tokens.Table;
      return [header, ...rows].map((row) => row.map((cell) => inline(cell.tokens)).join(" ")).join(" ");
    }
    case "hr":
    case "space":
    case "def":
    case "html":
    case "checkbox":
      return "";
    default: {
      const { tokens, text } = token as { tokens?: Token[]; text?: string };
      return tokens === undefined ? (text ?? "") : inline(tokens);
    }
  }
}

const inline = (tokens: readonly Token[]): string =>
  runsOf(tokens.filter((token) => token.type !== "html"))
    .map((run) => run.text)
    .join("");
