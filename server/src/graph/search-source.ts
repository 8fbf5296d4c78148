// Searches the text of indexed files for a string or a regular expression (RE2: linear in the text, whatever the pattern).
import { RE2JS } from "re2js";
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { SourceSearchAnswer } from "@opentrace/contract/graph-answers.ts";
import { fileKey } from "@opentrace/contract/keys.ts";
import { defineVerb, type Verb, type VerbContext } from "../verb.ts";
import { adjacencyOf } from "./adjacency.ts";
import { cursorField, limitField } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { symbolsOf } from "./impact-seeds.ts";
import { nodeId } from "./node-id.ts";
import { presentList } from "./present.ts";
import { publicNode, readNodes, type StoredNode } from "./read-nodes.ts";
import { type SourceDeps, toLines } from "./source-files.ts";
import { decodeCursor, encodeCursor, type GraphView, openView } from "./view.ts";

const Input = z.strictObject({
  q: z.string().min(1).max(500).describe("Text to find, or a regular expression with regex=true"),
  regex: z
    .boolean()
    .default(false)
    .describe("q is a regular expression (RE2 syntax: no look-around, no back-references)"),
  caseSensitive: z.boolean().default(false),
  repository: z.string().max(2048).optional().describe("Only this repository, by key"),
  path: z.string().max(1024).optional().describe("Only files at or below this path"),
  language: z.string().max(40).optional().describe("Only files of this language"),
  limit: limitField(50, 200),
  cursor: cursorField,
});
type Question = z.output<typeof Input>;

const secondsAtMost = 4;
const bytesAtMost = 256 * 1024 * 1024;
const fileBytesAtMost = 2 * 1024 * 1024;
const filesAtOnce = 300;
/** Of a line, so much is searched and shown. */
const lineAtMost = 20_000;
const shownAround = 400;
/** The event loop gets its turn after so many milliseconds of matching. */
const sliceMs = 15;

/** Where in the line: [start, end), in UTF-16 code units. */
type Find = (line: string) => [number, number] | null;

const span = (start: number, length: number): [number, number] | null => (start < 0 ? null : [start, start + length]);

function finder(question: Question): Find {
  if (!question.regex) {
    if (question.caseSensitive) return (line) => span(line.indexOf(question.q), question.q.length);
    const wanted = question.q.toLowerCase();
    return (line) => span(line.toLowerCase().indexOf(wanted), wanted.length);
  }
  try {
    const pattern = RE2JS.compile(question.q, question.caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
    return (line) => {
      const matcher = pattern.matcher(line);
      return matcher.find() ? [matcher.start(), matcher.end()] : null;
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      "bad_request",
      `"${question.q}" is no regular expression that can be searched for: ${reason}. RE2 syntax has no look-around and no back-references.`,
      { cause },
    );
  }
}

type Position = [source: string, path: string, line: number];
const isPosition = (value: unknown): value is Position =>
  Array.isArray(value) &&
  value.length === 3 &&
  typeof value[0] === "string" &&
  typeof value[1] === "string" &&
  Number.isInteger(value[2]);

interface FileRow {
  path: string;
  blob: string;
}

interface Found {
  source: string;
  path: string;
  line: number;
  column: number;
  text: string;
  mark: { start: number; end: number };
}

/** Where the search is, and what it has used of its bounds. */
interface Progress {
  found: Found[];
  filesSearched: number;
  bytes: number;
  position: Position | null;
  stopped: string | null;
  isFull: boolean;
}

const filesOf = (view: GraphView, source: string, question: Question) => {
  const prefix = question.path?.replace(/\/+$/, "") ?? "";
  let query = view.db
    .selectFrom("index_files")
    .innerJoin("sources", "sources.id", "index_files.source")
    .where("sources.workspace", "=", view.workspace)
    .where("sources.source", "=", source)
    .where("index_files.size", "<=", fileBytesAtMost)
    .where((eb) =>
      eb.or([
        eb("skip_reason", "is", null),
        eb("skip_reason", "in", ["parse_failed", "unsupported", "nested_too_deeply"]),
      ]),
    );
  if (question.language !== undefined) query = query.where("language", "=", question.language.toLowerCase());
  if (prefix !== "")
    query = query.where((eb) =>
      eb.or([eb("path", "=", prefix), eb.and([eb("path", ">", `${prefix}/`), eb("path", "<", `${prefix}0`)])]),
    );
  return query;
};

async function searchSource(
  deps: SourceDeps,
  ctx: VerbContext,
  view: GraphView,
  source: string,
  question: Question,
  find: Find,
  progress: Progress,
  deadline: number,
): Promise<void> {
  const start = progress.position;
  let after = start?.[0] === source ? start[1] : "";
  // The file that the last page ended in is read again, from the line after its last match.
  let resume: Position | null = start?.[0] === source ? start : null;
  for (let isFirst = true; ; isFirst = false) {
    const rows: FileRow[] = await filesOf(view, source, question)
      .select(["path", "blob"])
      .where("path", isFirst && resume !== null ? ">=" : ">", after)
      .orderBy("path")
      .limit(filesAtOnce)
      .execute();
    let at = 0;
    const contents = deps.sourceFiles.read(
      ctx,
      source,
      rows.map((row) => row.blob),
      fileBytesAtMost,
    );
    for await (const content of contents) {
      const row = rows[at++]!;
      if (content.is === "read") {
        progress.filesSearched++;
        progress.bytes += content.bytes.length;
        const from = resume !== null && resume[1] === row.path ? resume[2] : 0;
        await searchFile(content.bytes, from, find, question.limit, { source, path: row.path }, progress);
      }
      if (progress.isFull) return;
      progress.position = [source, row.path, Number.MAX_SAFE_INTEGER];
      if (performance.now() > deadline) progress.stopped = `The search stopped after ${secondsAtMost} seconds`;
      if (progress.bytes > bytesAtMost) progress.stopped = "The search stopped after 256 MB of source";
      if (progress.stopped !== null) return;
      ctx.signal.throwIfAborted();
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < filesAtOnce) return;
    after = last.path;
    resume = null;
  }
}

async function searchFile(
  bytes: Uint8Array,
  from: number,
  find: Find,
  limit: number,
  place: { source: string; path: string },
  progress: Progress,
): Promise<void> {
  const lines = toLines(bytes) ?? [];
  let sliceStart = performance.now();
  for (let line = from; line < lines.length; line++) {
    const whole = lines[line]!;
    const text = whole.length > lineAtMost ? whole.slice(0, lineAtMost) : whole;
    const match = find(text);
    if (match !== null) {
      if (progress.found.length === limit) {
        progress.isFull = true;
        return;
      }
      const [column, end] = match;
      const start = Math.max(0, Math.min(column - 100, text.length - shownAround));
      const shown = text.slice(start, start + shownAround);
      const mark = { start: column - start, end: Math.min(end - start, shown.length) };
      progress.found.push({ ...place, line: line + 1, column, text: shown, mark });
      progress.position = [place.source, place.path, line + 1];
    }
    if ((line & 63) === 0 && performance.now() - sliceStart > sliceMs) {
      await new Promise(setImmediate);
      sliceStart = performance.now();
    }
  }
}

/** The innermost symbol of each match, else its file. */
async function holdersOf(view: GraphView, found: readonly Found[]): Promise<(StoredNode | null)[]> {
  const keyOf = (match: Found): string => fileKey(match.source.replace(/^repo:/, ""), match.path);
  const numbers = found.map((match) => nodeId(view.workspaceName, keyOf(match)));
  const files = await readNodes(view, [...new Set(numbers)]);
  const adjacency = adjacencyOf(view);
  const symbols = new Map<number, Awaited<ReturnType<typeof symbolsOf>>>();
  for (const [number, file] of files) symbols.set(number, await symbolsOf(view, adjacency, file));
  return found.map((match, at) => {
    const holders = symbols.get(numbers[at]!) ?? [];
    const innermost = holders.filter(({ start, end }) => start <= match.line && match.line <= end).at(-1);
    return innermost?.node ?? files.get(numbers[at]!) ?? null;
  });
}

async function repositoriesOf(view: GraphView, question: Question): Promise<string[]> {
  const rows = await view.db
    .selectFrom("sources")
    .select("source")
    .where("workspace", "=", view.workspace)
    .where("kind", "=", "repository")
    .orderBy("source")
    .execute();
  const all = rows.map((row) => row.source);
  if (question.repository === undefined) return all;
  const wanted = question.repository.startsWith("repo:") ? question.repository : `repo:${question.repository}`;
  if (!all.includes(wanted)) throw new AppError("not_found", `The graph has no repository "${question.repository}".`);
  return [wanted];
}

async function countFiles(view: GraphView, sources: readonly string[], question: Question): Promise<number> {
  let total = 0;
  for (const source of sources) {
    const { n } = await filesOf(view, source, question)
      .select((eb) => eb.fn.countAll<number>().as("n"))
      .executeTakeFirstOrThrow();
    total += n;
  }
  return total;
}

export const searchSourceVerb = (deps: SourceDeps): Verb =>
  defineVerb({
    name: "graph.searchSource",
    summary: "Search in source text",
    description:
      "Finds a text or a regular expression (RE2) in the indexed files, with the symbol that holds each match. Bounded in time and " +
      "bytes: `detail` says when not all files were searched, and nextCursor goes on.",
    permission: "source:read",
    input: Input,
    output: SourceSearchAnswer,
    http: { method: "GET", path: "/graph/search/source" },
    mcp: {
      tool: "search_source",
      present: (answer, budget) =>
        presentList({
          head: answer.detail === null ? {} : { note: answer.detail },
          name: "matches",
          items: answer.matches.map(({ path, line, text, node, repository }) => ({
            at: `${path}:${line}`,
            repository,
            text: text.trim().slice(0, 200),
            ...(node === null ? {} : { in: node.key }),
          })),
          page: answer.page,
          budget,
        }),
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const find = finder(input);
      const position = decodeCursor(input.cursor, isPosition);
      const sources = await repositoriesOf(view, input);
      const progress: Progress = { found: [], filesSearched: 0, bytes: 0, position, stopped: null, isFull: false };
      const deadline = performance.now() + secondsAtMost * 1_000;
      const unreadable: string[] = [];
      for (const source of sources) {
        if (position !== null && source < position[0]) continue;
        try {
          await searchSource(deps, ctx, view, source, input, find, progress, deadline);
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== "unavailable" || sources.length === 1) throw error;
          unreadable.push(source);
        }
        if (progress.isFull || progress.stopped !== null) break;
      }
      const isCut = progress.isFull || progress.stopped !== null;
      const holders = await holdersOf(view, progress.found);
      const notes = [
        ...(progress.stopped === null ? [] : [`${progress.stopped}; go on with nextCursor.`]),
        ...(unreadable.length === 0 ? [] : [`Not searched, their objects are not at hand: ${unreadable.join(", ")}.`]),
      ];
      return {
        matches: progress.found.map((match, at) => ({
          repository: match.source,
          path: match.path,
          line: match.line,
          column: match.column,
          text: match.text,
          mark: match.mark,
          node: holders[at] === null || holders[at] === undefined ? null : publicNode(holders[at]),
        })),
        filesSearched: progress.filesSearched,
        filesTotal: await countFiles(view, sources, input),
        detail: notes.length === 0 ? null : notes.join(" "),
        page: {
          returned: progress.found.length,
          total: isCut || position !== null ? null : progress.found.length,
          truncated: isCut,
          nextCursor: isCut && progress.position !== null ? encodeCursor(progress.position) : null,
        },
        freshness: await freshnessOf(view, { sources }),
      };
    },
  });
