// Light syntax colouring: comments, strings, numbers and keywords, line by line. Not a parser: it may be wrong, it is never slow.
export type TokenKind = "plain" | "comment" | "string" | "number" | "keyword";
export interface Token {
  kind: TokenKind;
  text: string;
}

interface Grammar {
  keywords: ReadonlySet<string>;
  lineComment: string;
  /** Start and end of what can go over several lines. */
  blocks: readonly { open: string; close: string; kind: "comment" | "string" }[];
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const script: Grammar = {
  keywords: words(
    "abstract as async await break case catch class const continue debugger default delete do else enum export extends false finally for from function get if implements import in infer instanceof interface keyof let namespace new null of package private protected public readonly return satisfies set static super switch this throw true try type typeof undefined var void while with yield",
  ),
  lineComment: "//",
  blocks: [
    { open: "/*", close: "*/", kind: "comment" },
    { open: "`", close: "`", kind: "string" },
  ],
};
const python: Grammar = {
  keywords: words(
    "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return self try while with yield",
  ),
  lineComment: "#",
  blocks: [
    { open: '"""', close: '"""', kind: "string" },
    { open: "'''", close: "'''", kind: "string" },
  ],
};
const go: Grammar = {
  keywords: words(
    "break case chan const continue default defer else error fallthrough false for func go goto if import interface iota map nil package range return select string struct switch true type var int bool byte any",
  ),
  lineComment: "//",
  blocks: [
    { open: "/*", close: "*/", kind: "comment" },
    { open: "`", close: "`", kind: "string" },
  ],
};
const grammars: Record<string, Grammar> = {
  typescript: script,
  javascript: script,
  tsx: script,
  jsx: script,
  python,
  go,
};

const token = /(\d[\w.]*)|([A-Za-z_$][\w$]*)|("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)|(\s+|.)/y;
/** Longer lines (minified code) are left plain. */
const longest = 2000;

/** One list of tokens a line; their texts joined are the line. */
export function highlight(lines: readonly string[], language: string | null): Token[][] {
  const grammar = grammars[language ?? ""];
  if (!grammar) return lines.map((text) => [{ kind: "plain", text }]);
  let inside: Grammar["blocks"][number] | null = null;
  return lines.map((line) => {
    const tokens: Token[] = [];
    const push = (kind: TokenKind, text: string): void => {
      const last = tokens.at(-1);
      if (text === "") return;
      if (last?.kind === kind) last.text += text;
      else tokens.push({ kind, text });
    };
    if (line.length > longest) return [{ kind: "plain", text: line }];
    let at = 0;
    while (at < line.length) {
      if (inside) {
        const end = line.indexOf(inside.close, at);
        const stop: number = end < 0 ? line.length : end + inside.close.length;
        push(inside.kind, line.slice(at, stop));
        if (end >= 0) inside = null;
        at = stop;
        continue;
      }
      if (line.startsWith(grammar.lineComment, at)) {
        push("comment", line.slice(at));
        break;
      }
      const opened = grammar.blocks.find((block) => line.startsWith(block.open, at));
      if (opened) {
        push(opened.kind, opened.open);
        at += opened.open.length;
        inside = opened;
        continue;
      }
      token.lastIndex = at;
      const match = token.exec(line);
      const text = match?.[0] ?? line.slice(at, at + 1);
      if (match?.[1]) push("number", text);
      else if (match?.[2]) push(grammar.keywords.has(text) ? "keyword" : "plain", text);
      else if (match?.[3]) push("string", text);
      else push("plain", text);
      at += text.length;
    }
    return tokens;
  });
}
