// A runbook as a Markdown file: its title, services and tags from front matter, or from what it says and where it lies.
interface RunbookText {
  title: string;
  body: string;
  services: string[];
  tags: string[];
}

/**
 * Front matter (`title`, `services`, `tags`) where there is one; else the first heading, and the repository's name as the service.
 * `repository`: null for a file that somebody hands in.
 */
export function readRunbook(whole: string, path: string, repository: string | null): RunbookText {
  const text = whole
    .replace(/^\uFEFF/, "")
    .replaceAll("\0", "")
    .replaceAll("\r\n", "\n");
  const front = /^---\n([\s\S]{0,4000}?)\n---\n/.exec(text);
  const body = (front === null ? text : text.slice(front[0].length)).trim();
  const said = readFront(front?.[1] ?? "");
  const heading = /^#{1,2} +(.+)$/m.exec(body)?.[1]?.trim();
  const name = path
    .split("/")
    .at(-1)!
    .replace(/\.\w+$/, "")
    .replaceAll(/[-_]+/g, " ");
  const service = repository?.split("/").at(-1);
  return {
    title: (said.get("title")?.[0] ?? heading ?? name).slice(0, 200),
    body: body === "" ? name : body,
    services: (said.get("services") ?? said.get("service") ?? (service === undefined ? [] : [service])).slice(0, 50),
    tags: (said.get("tags") ?? []).slice(0, 50),
  };
}

/** The little of YAML that front matter is written in: `name: value`, `name: [a, b]`, and lists of `- value`. */
function readFront(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let last: string[] = [];
  const clean = (value: string): string =>
    value
      .trim()
      .replace(/^(["'])(.*)\1$/, "$2")
      .slice(0, 200);
  for (const line of text.split("\n")) {
    const item = /^\s*- +(.+)$/.exec(line);
    if (item !== null) {
      last.push(clean(item[1]!));
      continue;
    }
    const field = /^(\w+):(.*)$/.exec(line);
    if (field === null) continue;
    const value = field[2]!.trim();
    last = /^\[.*\]$/.test(value) ? value.slice(1, -1).split(",").map(clean) : value === "" ? [] : [clean(value)];
    last = last.filter((one) => one !== "");
    found.set(field[1]!.toLowerCase(), last);
  }
  return new Map([...found].filter(([, values]) => values.length > 0));
}
