// The small part of Markdown that answers are written in: paragraphs, lists, headings, code, bold, emphasis and links.
// Text in, data out: what is rendered is React elements, so nothing in an answer can become markup of its own.
export type Inline =
  | { is: "text" | "code" | "strong" | "emphasis"; text: string }
  | { is: "link"; text: string; href: string };
export type Block =
  | { is: "paragraph"; inline: Inline[] }
  | { is: "heading"; inline: Inline[] }
  | { is: "list"; ordered: boolean; items: { depth: number; inline: Inline[] }[] }
  | { is: "code"; text: string };

const inlineToken =
  /`([^`]+)`|\*\*((?:[^*\\]|\\.)+)\*\*|(?<![\w*])[*_]([^*_\s][^*_]*)[*_](?!\w)|\[([^\]]+)\]\(([^)\s]+)\)|\\([\\`*_[\]])/g;

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
    const [, code, strong, emphasis, label, href, escaped] = match;
    if (code !== undefined) parts.push({ is: "code", text: code });
    else if (strong !== undefined) parts.push(strongOf(strong));
    else if (emphasis !== undefined) parts.push({ is: "emphasis", text: unescape(emphasis) });
    else if (label !== undefined && href !== undefined)
      if (/^(https?:\/\/|\/(?!\/))/.test(href)) parts.push({ is: "link", text: unescape(label), href });
      else plain(label);
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

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  let fence: string[] | null = null;
  const flush = (): void => {
    if (paragraph.length > 0) blocks.push({ is: "paragraph", inline: inlineOf(paragraph.join(" ")) });
    paragraph = [];
  };
  for (const line of markdown.split("\n")) {
    if (line.startsWith("```")) {
      if (fence) blocks.push({ is: "code", text: fence.join("\n") });
      else flush();
      fence = fence ? null : [];
      continue;
    }
    if (fence) {
      fence.push(line);
      continue;
    }
    const item = /^(\s*)(?:[-*]|(\d+)[.)])\s+(.*)$/.exec(line);
    const heading = /^#{1,6}\s+(.*)$/.exec(line);
    if (item) {
      flush();
      const entry = { depth: Math.floor((item[1]?.length ?? 0) / 2), inline: inlineOf(item[3] ?? "") };
      const ordered = item[2] !== undefined;
      const last = blocks.at(-1);
      if (last?.is === "list" && (last.ordered === ordered || entry.depth > 0)) last.items.push(entry);
      else blocks.push({ is: "list", ordered, items: [entry] });
    } else if (heading) {
      flush();
      blocks.push({ is: "heading", inline: inlineOf(heading[1] ?? "") });
    } else if (line.trim() === "") flush();
    else paragraph.push(line.trim());
  }
  if (fence) blocks.push({ is: "code", text: fence.join("\n") });
  flush();
  return blocks;
}
