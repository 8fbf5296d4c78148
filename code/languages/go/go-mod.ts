// go.mod and go.work: line-oriented files of directives, alone or in parenthesised blocks (https://go.dev/ref/mod#go-mod-file).

export interface GoModFile {
  module: string | null;
  /** Go version that the module asks for. */
  go: string | null;
  toolchain: string | null;
  requires: { path: string; version: string; indirect: boolean; line: number }[];
  replaces: { from: string; fromVersion: string; to: string; toVersion: string; line: number }[];
  excludes: { path: string; version: string }[];
  retracts: string[];
  tools: string[];
  /** go.work: folders of the member modules. */
  uses: { folder: string; line: number }[];
  problems: string[];
}

/** Fields of a line: words and quoted strings; the comment apart. */
function fields(line: string): { words: string[]; comment: string } {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    const code = line[at];
    if (code === " " || code === "\t" || code === "\r") {
      at++;
      continue;
    }
    if (line.startsWith("//", at)) return { words, comment: line.slice(at + 2).trim() };
    if (code === '"' || code === "`") {
      const stop = line.indexOf(code, at + 1);
      const end = stop < 0 ? line.length : stop;
      words.push(line.slice(at + 1, end));
      at = end + 1;
      continue;
    }
    let stop = at;
    while (stop < line.length && line[stop] !== " " && line[stop] !== "\t" && line[stop] !== "\r") stop++;
    words.push(line.slice(at, stop));
    at = stop;
  }
  return { words, comment: "" };
}

/** Reads what it can; what it can't is a sentence in `problems`. Linear, and never throws. */
export function parseGoMod(text: string): GoModFile {
  const file: GoModFile = {
    module: null,
    go: null,
    toolchain: null,
    requires: [],
    replaces: [],
    excludes: [],
    retracts: [],
    tools: [],
    uses: [],
    problems: [],
  };
  let block: string | null = null;
  let line = 0;
  for (const raw of text.replace(/^\ufeff/, "").split("\n")) {
    line++;
    const { words, comment } = fields(raw);
    if (words.length === 0) continue;
    if (block === null) {
      const [directive = "", second] = words;
      if (second === "(" || directive.endsWith("(")) {
        block = directive.replace(/\($/, "");
        continue;
      }
      read(file, directive, words.slice(1), comment, line);
    } else if (words[0] === ")") block = null;
    else read(file, block, words, comment, line);
  }
  if (block !== null && file.problems.length < maxProblems)
    file.problems.push(`The block \`${block} (\` is not closed with \`)\`.`);
  return file;
}

const maxProblems = 20;

function read(file: GoModFile, directive: string, words: readonly string[], comment: string, line: number): void {
  const [first, second] = words;
  const wrong = (expected: string): void => {
    if (file.problems.length < maxProblems)
      file.problems.push(
        `Line ${line}: \`${directive}\` expects ${expected}, found \`${words.join(" ").slice(0, 80)}\`.`,
      );
  };
  switch (directive) {
    case "module":
      if (first === undefined) wrong("a module path");
      else file.module = first;
      break;
    case "go":
      if (first === undefined) wrong("a version");
      else file.go = first;
      break;
    case "toolchain":
      if (first === undefined) wrong("a toolchain name");
      else file.toolchain = first;
      break;
    case "require":
      if (first === undefined || second === undefined) wrong("a module path and a version");
      else file.requires.push({ path: first, version: second, indirect: /^indirect\b/.test(comment), line });
      break;
    case "exclude":
      if (first === undefined || second === undefined) wrong("a module path and a version");
      else file.excludes.push({ path: first, version: second });
      break;
    case "replace": {
      const arrow = words.indexOf("=>");
      const to = words[arrow + 1];
      if (first === undefined || arrow < 1 || to === undefined) wrong("`old [version] => new [version]`");
      else
        file.replaces.push({
          from: first,
          fromVersion: arrow > 1 ? (second ?? "") : "",
          to,
          toVersion: words[arrow + 2] ?? "",
          line,
        });
      break;
    }
    case "retract":
      file.retracts.push(words.join(" "));
      break;
    case "tool":
      if (first === undefined) wrong("a package path");
      else file.tools.push(first);
      break;
    case "use":
      if (first === undefined) wrong("a folder");
      else file.uses.push({ folder: first, line });
      break;
    case "godebug":
    case "ignore":
      break;
    default:
      if (file.problems.length < maxProblems)
        file.problems.push(`Line ${line}: \`${directive.slice(0, 80)}\` is not a directive of go.mod or go.work.`);
  }
}
