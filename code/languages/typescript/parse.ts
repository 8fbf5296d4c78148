// Source text → oxc's AST. Refuses what is nested too deeply for a parser that recurses on the native stack.
import { AppError } from "@opentrace/contract/errors.ts";
import { type ParserOptions, parseSync, rawTransferSupported } from "oxc-parser";
import type { Parsed } from "./lowering/lower.ts";
import { isTooDeep } from "./nesting.ts";

/** Raw transfer reads oxc's memory in place: 2.5 times the speed of its JSON. It needs 6 GiB of address space (not memory). */
let raw = rawTransferSupported();

function attempt(path: string, source: string, options: ParserOptions): ReturnType<typeof parseSync> {
  if (raw) {
    try {
      return parseSync(path, source, { ...options, experimentalRawTransfer: true } as ParserOptions);
    } catch (error) {
      if (!(error instanceof RangeError) || !/allocation/i.test(error.message)) throw error;
      raw = false;
    }
  }
  return parseSync(path, source, options);
}

type Lang = NonNullable<ParserOptions["lang"]>;

function languageOf(path: string): Lang {
  if (/\.d\.[cm]?ts$/.test(path)) return "dts";
  if (/\.[cm]?ts$/.test(path)) return "ts";
  return path.endsWith(".tsx") ? "tsx" : "jsx";
}

/** Throws AppError("unprocessable"): `nested_too_deeply` before oxc sees the source, `syntax_error` when nothing of it can be read. */
export function parseSource(source: string, path: string): Parsed {
  if (isTooDeep(source)) {
    throw new AppError("unprocessable", `${path} is nested too deeply to be parsed.`, {
      details: { path, reason: "nested_too_deeply" },
    });
  }
  const lang = languageOf(path);
  let best = read(path, source, lang);
  // JavaScript with types (Flow, or TypeScript by another name) reads better as TSX; generics in .ts files may be JSX in disguise.
  if (best.problems.length > 0 && lang !== "dts") {
    const other = read(path, source, lang === "ts" || lang === "jsx" ? "tsx" : "ts");
    if (
      other.program.body.length > 0 &&
      (best.program.body.length === 0 || other.problems.length < best.problems.length)
    ) {
      best = other;
    }
  }
  if (best.program.body.length === 0 && best.problems.length > 0) {
    const [offset, message] = best.problems[0]!;
    const line = source.slice(0, offset).split("\n").length;
    throw new AppError(
      "unprocessable",
      `${path} could not be parsed: ${message} (line ${line}). Nothing of it was read.`,
      {
        details: { path, line, reason: "syntax_error" },
      },
    );
  }
  return best;
}

function read(path: string, source: string, lang: Lang): Parsed {
  const sourceType = path.endsWith(".cjs") || path.endsWith(".cts") ? "commonjs" : "unambiguous";
  const options: ParserOptions = { lang, sourceType, preserveParens: false, astType: "ts" };
  const result = attempt(path, source, options);
  const problems = result.errors
    .filter(({ severity }: { severity: string }) => severity === "Error")
    .map((e) => [e.labels[0]?.start ?? 0, e.message] as const);
  return { program: result.program, comments: result.comments, problems };
}
