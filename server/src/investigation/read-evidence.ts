// What the text of evidence names: stack frames, files, symbols, commits, change requests, error classes. Text is data: it is matched, never followed.

export interface Frame {
  path: string;
  line: number | null;
  symbol: string | null;
}

export interface Mentions {
  frames: readonly Frame[];
  /** Paths with a folder or a file ending, as written. */
  files: readonly string[];
  /** Identifiers, with case: `PayService.charge`, `round_fee`. */
  symbols: ReadonlySet<string>;
  /** Hexadecimal words of 7 to 40 characters. */
  shas: readonly string[];
  /** `#123`, `!123`, `PR 123`, `/pull/123`, `/merge_requests/123`. */
  numbers: ReadonlySet<string>;
  /** Versions and tags: `v1.2.3`, `1.2.3-rc1`. */
  versions: ReadonlySet<string>;
  /** Lower-case words of four letters or more. */
  words: ReadonlySet<string>;
}

/** Of one piece of evidence so much is read. */
const mostText = 200_000;
const mostFrames = 200;
/** Of each kind of mention. */
const most = 4_000;
const longestLine = 800;

/** A run of what paths are made of, with a line behind it or not: `src/pay.ts:12`. */
const pathLike = /(?<![\w@.+\-/\\])[\w@.+\-/\\]{3,400}(?::(\d{1,7})(?!\w))?/g;
const codeEnding =
  /\.(?:ts|tsx|mts|cts|js|jsx|mjs|cjs|py|go|java|kt|rb|rs|cs|php|scala|swift|c|cc|cpp|h|hpp|sql|ya?ml|toml|json|tf|env|properties|ini|conf|xml|gradle|sh|proto|graphql|vue|svelte)$/;
/** `at PayService.charge (src/pay.ts:12:7)`, `at src/pay.ts:12:7`, `at com.acme.Pay.charge(Pay.java:12)`. */
const atFrame =
  /\bat (?:async )?(?:new )?(?:([\w$.<>/[\]]{1,200}(?: \[as \w{1,80}\])?) ?\()?((?:file:\/\/)?[^\s()<>"',:]{1,400}\.\w{1,8}):(\d{1,7})/g;
/** `File "/app/shop/pay.py", line 12, in charge`. */
const pythonFrame = /\bFile "([^"\n]{1,400})", line (\d{1,7})(?:, in ([\w.<>]{1,200}))?/g;
/** `  /app/pay.go:12 +0x1d`, below the line of its function `main.(*Pay).Charge(…)`. */
const goPlace = /^\s+([^\s:]{1,400}\.go):(\d{1,7})/;
const goFunction = /^([\w./*()-]{1,200})\(/;
const number = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

/** `async Object.charge [as run]` → `Object.charge`; `main.(*Pay).Charge` → `Pay.Charge`. */
const cleanSymbol = (text: string | undefined): string | null => {
  const name = (text ?? "")
    .replace(/ \[as [^\]]*\]/, "")
    .replace(/^.*\//, "")
    .replaceAll(/[()*]/g, "")
    .trim();
  return name === "" || name.startsWith("<") ? null : name;
};

export function readMentions(whole: string): Mentions {
  const text = whole.length > mostText ? whole.slice(0, mostText) : whole;
  const frames: Frame[] = [];
  const known = new Set<string>();
  const found = {
    files: new Set<string>(),
    symbols: new Set<string>(),
    shas: new Set<string>(),
    numbers: new Set<string>(),
    versions: new Set<string>(),
    words: new Set<string>(),
  };
  const add = (path: string, line: number | null, symbol: string | null): void => {
    const clean = path.replace(/^file:\/\//, "").replaceAll("\\", "/");
    const id = `${clean}:${line ?? ""}`;
    if (symbol !== null && found.symbols.size < most) found.symbols.add(symbol);
    if (frames.length >= mostFrames || known.has(id)) return;
    known.add(id);
    frames.push({ path: clean, line, symbol });
  };
  const keep = (into: Set<string>, line: string, pattern: RegExp, group = 0): void => {
    for (const match of line.matchAll(pattern)) if (into.size < most) into.add(match[group] ?? "");
  };
  let before = "";
  for (const line of linesOf(text)) {
    const framesBefore = frames.length;
    for (const [, symbol, path = "", at] of line.matchAll(atFrame)) add(path, number(at), cleanSymbol(symbol));
    for (const [, path = "", at, symbol] of line.matchAll(pythonFrame)) add(path, number(at), cleanSymbol(symbol));
    const go = goPlace.exec(line);
    if (go !== null) add(go[1] ?? "", number(go[2]), cleanSymbol(goFunctionOf(before)));
    const isFrame = frames.length > framesBefore;
    for (const [whole, at] of line.matchAll(pathLike)) {
      const path = at === undefined ? whole.replace(/\.+$/, "") : whole.slice(0, -1 - at.length);
      if (!codeEnding.test(path)) continue;
      if (found.files.size < most) found.files.add(path);
      if (at !== undefined && !isFrame) add(path, number(at), null);
    }
    for (const [name] of line.matchAll(/[A-Za-z_$][\w$]*(?:(?:\.|::|#)[A-Za-z_$][\w$]*)*/g))
      if (found.symbols.size < most && isIdentifier(name)) found.symbols.add(name.replaceAll(/::|#/g, "."));
    keep(found.shas, line, /\b(?=[0-9a-f]{0,39}\d)[0-9a-f]{7,40}\b/g);
    keep(
      found.numbers,
      line,
      /(?:#|!|\b(?:PR|MR|pull request|merge request) #?|\/(?:pull|merge_requests)\/)(\d{1,7})\b/gi,
      1,
    );
    keep(found.versions, line, /(?<![\w.])v?(\d+\.\d+\.\d+(?:[-+][\w.]+)?)\b/g, 1);
    keep(found.words, line.toLowerCase(), /\p{L}[\p{L}\d]{3,}/gu);
    before = line;
  }
  return { frames, ...found, files: [...found.files], shas: [...found.shas] };
}

/** In pieces of bounded length: what a pattern costs on one piece is bounded too, whatever it holds. */
function* linesOf(text: string): Generator<string> {
  for (const line of text.split("\n"))
    for (let at = 0; at === 0 || at < line.length; at += longestLine) yield line.slice(at, at + longestLine);
}

/** `main.(*Pay).Charge(0xc000)` → `main.(*Pay).Charge`. */
const goFunctionOf = (line: string): string | undefined => {
  const open = line.lastIndexOf("(");
  return open > 0 ? goFunction.exec(`${line.slice(0, open)}(`)?.[1] : undefined;
};

/** A word that people write in code only: with an inner capital, an underscore or a dot between words. */
function isIdentifier(name: string): boolean {
  if (name.length < 4 || name.length > 200) return false;
  return /[a-z\d][A-Z]/.test(name) || /\w_\w/.test(name) || /\w[.:#]\w/.test(name);
}

/** How many folders of the two paths agree from the file upwards: `/app/src/pay.ts` and `src/pay.ts` → 2; 0 = another file. */
export function samePath(written: string, path: string): number {
  const [a, b] = [written.replaceAll("\\", "/").split("/"), path.split("/")].map((parts) =>
    parts.filter((part) => part !== "" && part !== "."),
  );
  let same = 0;
  while (same < a!.length && same < b!.length && a!.at(-1 - same) === b!.at(-1 - same)) same++;
  // One is the end of the other, or nothing is said: `other/pay.ts` is not `src/pay.ts`.
  return same === a!.length || same === b!.length ? same : 0;
}
