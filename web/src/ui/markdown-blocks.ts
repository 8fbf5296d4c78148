// The part of Markdown that answers, runbooks and postmortems are written in: headings, paragraphs, lists, quotes, tables, code, links.
// Text in, data out: what is rendered is React elements, so nothing in a text can become markup of its own.
export type Inline =
  | { is: "text" | "code" | "strong" | "emphasis" | "struck"; text: string }
  | { is: "link"; text: string; href: string };
interface Item {
  depth: number;
  /** Of a task: whether it is done. */
  done: boolean | null;
  inline: Inline[];
}
export type Block =
  | { is: "paragraph"; inline: Inline[] }
  /** 1 is the outermost that the text has; never more than one below the heading before. */
  | { is: "heading"; level: number; inline: Inline[] }
  | { is: "list"; ordered: boolean; start: number; items: Item[] }
  | { is: "code"; text: string }
  | { is: "quote"; blocks: Block[] }
  | { is: "table"; head: Inline[][]; rows: Inline[][][] }
  | { is: "rule" };

const inlineToken =
  /`([^`]+)`|\*\*((?:[^*\\]|\\.)+)\*\*|~~([^~]+)~~|(?<![\w*])[*_]([^*_\s][^*_]*)[*_](?!\w)|!?\[([^\]]{0,400})\]\(([^)\s]+)(?:\s+"[^")]*")?\)|(?<![\w/])(https?:\/\/[^\s<>"'`\])]*[\w/#=&%+~-])|\\([\\`*_[\]])/g;

export function inlineOf(text: string): Inline[] {
  const parts: Inline[] = [];
  const plain = (more: string): void => {
    const last = parts.at(-1);
    if (more === "") return;
    if (last?.is === "text") last.text += more;
    else parts.push({ is: "text", text: more });
  };
  let at = 0;
  for (const match of text.matchAll(inlineToken)) {
    plain(text.slice(at, match.index));
    at = match.index + match[0].length;
    const [, code, strong, struck, emphasis, label, href, address, escaped] = match;
    if (code !== undefined) parts.push({ is: "code", text: code });
    else if (strong !== undefined) parts.push(strongOf(strong));
    else if (struck !== undefined) parts.push({ is: "struck", text: unescape(struck) });
    else if (emphasis !== undefined) parts.push({ is: "emphasis", text: unescape(emphasis) });
    else if (label !== undefined && href !== undefined)
      // A picture is a link too: none is loaded from elsewhere because a text says so.
      if (/^(https?:\/\/|\/(?!\/))/.test(href)) parts.push({ is: "link", text: unescape(label) || href, href });
      else plain(label);
    else if (address !== undefined) parts.push({ is: "link", text: address, href: address });
    else plain(escaped ?? "");
  }
  plain(text.slice(at));
  return parts;
}

const unescape = (text: string): string => text.replace(/\\([\\`*_[\]])/g, "$1");

/** A name in bold code reads as code. */
function strongOf(text: string): Inline {
  const code = /^`([^`]+)`$/.exec(text)?.[1];
  return code === undefined ? { is: "strong", text: unescape(text) } : { is: "code", text: code };
}

const deepestQuote = 3;
const tableRule = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

export function blocksOf(markdown: string, quoted = 0): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split(/\r?\n/);
  let paragraph: string[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) blocks.push({ is: "paragraph", inline: inlineOf(paragraph.join(" ")) });
    paragraph = [];
  };
  const add = (block: Block): void => {
    flush();
    blocks.push(block);
  };
  /** The item that an indented line goes on, while no empty line came between. */
  let open: { text: string; item: Item } | null = null;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const fence = /^(\s*)(```+|~~~+)/.exec(line);
    if (fence) {
      const [, indent = "", marks = ""] = fence;
      const inside: string[] = [];
      for (at += 1; at < lines.length && !(lines[at] ?? "").trim().startsWith(marks); at += 1)
        inside.push(withoutIndent(lines[at] ?? "", indent.length));
      add({ is: "code", text: inside.join("\n") });
      open = null;
      continue;
    }
    const item = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(?:\[([ xX])\]\s+)?(.*)$/.exec(line);
    const heading = /^(#{1,6})\s+(.*?)(?:\s+#+)?$/.exec(line);
    if (/^\s*([-*_])(?:\s*\1){2,}\s*$/.test(line)) add({ is: "rule" });
    else if (item) {
      const [, indent = "", number, task, text = ""] = item;
      flush();
      const entry: Item = {
        depth: Math.min(6, Math.floor(indent.length / 2)),
        done: task === undefined ? null : task !== " ",
        inline: inlineOf(text),
      };
      const ordered = number !== undefined;
      const last = blocks.at(-1);
      if (last?.is === "list" && (last.ordered === ordered || entry.depth > 0)) last.items.push(entry);
      else blocks.push({ is: "list", ordered, start: ordered ? Number(number) : 1, items: [entry] });
      open = { text, item: entry };
      continue;
    } else if (heading) add({ is: "heading", level: heading[1]?.length ?? 1, inline: inlineOf(heading[2] ?? "") });
    else if (line.startsWith(">") && quoted < deepestQuote) {
      const inside: string[] = [];
      for (; at < lines.length && (lines[at] ?? "").startsWith(">"); at += 1)
        inside.push((lines[at] ?? "").replace(/^>\s?/, ""));
      at -= 1;
      add({ is: "quote", blocks: blocksOf(inside.join("\n"), quoted + 1) });
    } else if (paragraph.length === 0 && line.includes("|") && tableRule.test(lines[at + 1] ?? "")) {
      const head = cellsOf(line);
      const rows: Inline[][][] = [];
      for (at += 2; at < lines.length && (lines[at] ?? "").includes("|"); at += 1)
        rows.push(cellsOf(lines[at] ?? "").slice(0, head.length));
      at -= 1;
      add({ is: "table", head, rows });
    } else if (line.trim() === "") flush();
    else if (open && /^\s{2,}/.test(line)) {
      open.text += ` ${line.trim()}`;
      open.item.inline = inlineOf(open.text);
      continue;
    } else paragraph.push(line.trim());
    open = null;
  }
  flush();
  return quoted === 0 ? withLevels(blocks) : blocks;
}

const withoutIndent = (line: string, most: number): string =>
  line.slice(Math.min(most, line.length - line.trimStart().length));

const cellsOf = (line: string): Inline[][] =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => inlineOf(cell.trim().replaceAll("\\|", "|")));

/** A text that begins with "##" is no deeper than one that begins with "#", and none jumps over a level. */
function withLevels(blocks: Block[]): Block[] {
  const levels = blocks.flatMap((block) => (block.is === "heading" ? [block.level] : []));
  const least = Math.min(...levels);
  let before = 0;
  return blocks.map((block) => {
    if (block.is !== "heading") return block;
    before = Math.min(block.level - least + 1, before + 1);
    return { ...block, level: before };
  });
}
