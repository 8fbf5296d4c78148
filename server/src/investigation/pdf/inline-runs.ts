// Markdown's inline tokens → runs of text in one style.
import type { Token, Tokens } from "marked";

export interface Run {
  text: string;
  bold: boolean;
  italic: boolean;
  mono: boolean;
  link: string | null;
}

const plainStyle = { bold: false, italic: false, mono: false, link: null };

export function runsOf(tokens: readonly Token[] | undefined, style: Omit<Run, "text"> = plainStyle): Run[] {
  return (tokens ?? []).flatMap((token) => runsOfToken(token, style));
}

function runsOfToken(token: Token, style: Omit<Run, "text">): Run[] {
  switch (token.type) {
    case "strong":
      return runsOf(token.tokens, { ...style, bold: true });
    case "em":
    case "del":
      return runsOf(token.tokens, { ...style, italic: true });
    case "codespan":
      return [{ ...style, mono: true, text: (token as Tokens.Codespan).text }];
    case "br":
      return [{ ...style, text: "\n" }];
    case "link": {
      const { href, tokens } = token as Tokens.Link;
      return runsOf(tokens, { ...style, link: /^https?:\/\//.test(href) ? href : null });
    }
    case "image": {
      // Nothing is fetched: a picture is its description and its address.
      const { text, href } = token as Tokens.Image;
      return [{ ...style, text: `[${text === "" ? "picture" : text}: ${href}]` }];
    }
    case "html":
      return [{ ...style, text: token.raw }];
    default: {
      const { tokens, text, raw } = token as { tokens?: Token[]; text?: string; raw: string };
      return tokens !== undefined && tokens.length > 0
        ? runsOf(tokens, style)
        : [{ ...style, text: withoutEntities(text ?? raw) }];
    }
  }
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: " " };

export const withoutEntities = (text: string): string =>
  text.replaceAll(/&(amp|lt|gt|quot|#39|nbsp);/g, (whole, name: string) => entities[name] ?? whole);
