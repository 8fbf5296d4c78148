// The source text of a node, a file or some lines of it, as it was indexed: lines and ranges of the graph fit it exactly.
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { SourceAnswer } from "@opentrace/contract/graph-answers.ts";
import { fileKey } from "@opentrace/contract/keys.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { nodeReference } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { needFile, readLines } from "./indexed-text.ts";
import { findNode, needNode, publicNode, type StoredNode } from "./read-nodes.ts";
import { pathInKey } from "./snapshot/entry.ts";
import type { SourceDeps } from "./source-files.ts";
import { type GraphView, openView } from "./view.ts";

const Input = z.strictObject({
  id: nodeReference.optional().describe("The node whose source to show, by id or key; or give repository and path"),
  repository: z.string().max(2048).optional().describe("Key of the repository, e.g. repo:github.com/acme/shop"),
  path: z.string().min(1).max(1024).optional().describe("Path of the file in the repository"),
  startLine: z
    .int()
    .min(1)
    .optional()
    .describe("First line to show (1-based); the node's or the file's first if absent"),
  endLine: z.int().min(1).optional().describe("Last line to show"),
});

const linesAtMost = 2_000;
const charactersAtMost = 200_000;

interface Place {
  node: StoredNode | null;
  source: string;
  path: string;
}

async function placeOf(view: GraphView, input: z.output<typeof Input>): Promise<Place> {
  if (input.id !== undefined) {
    const node = await needNode(view, input.id);
    const repository = /^(?:file|symbol):([^#]+)#/.exec(node.key)?.[1];
    const path = pathInKey(node.key);
    if (repository === undefined || path === "")
      throw new AppError("unprocessable", `${node.key} is no file and stands in none: it has no source to show.`);
    return { node, source: `repo:${repository}`, path };
  }
  if (input.repository === undefined || input.path === undefined)
    throw new AppError("bad_request", "Say which source: id, or repository and path.");
  const source = input.repository.startsWith("repo:") ? input.repository : `repo:${input.repository}`;
  const node = await findNode(view, fileKey(source.slice(5), input.path));
  return { node, source, path: input.path };
}

function linesOf(node: StoredNode | null): { startLine: number; endLine: number } | null {
  const range = node?.props["range"];
  if (typeof range !== "object" || range === null || Array.isArray(range)) return null;
  const { startLine, endLine } = range;
  return typeof startLine === "number" && typeof endLine === "number" ? { startLine, endLine } : null;
}

export const sourceVerb = (deps: SourceDeps): Verb =>
  defineVerb({
    name: "graph.source",
    summary: "Source of a node or of some lines",
    description:
      "The text of a symbol, a file, or lines of a file at the indexed commit. Long texts are cut and say so; go on with startLine.",
    permission: "source:read",
    input: Input,
    output: SourceAnswer,
    http: { method: "GET", path: "/graph/source" },
    mcp: {
      tool: "load_source",
      input: Input.omit({ id: true }).extend({ nodeId: Input.shape.id }),
      toInput: ({ nodeId, ...rest }) => ({ ...rest, ...(typeof nodeId === "string" ? { id: nodeId } : {}) }),
      present: (answer, budget) => {
        const lines = answer.text.split("\n");
        let left = budget * 3 - 400;
        const shown = lines.filter((line) => (left -= line.length + 2) > 0);
        const endLine = answer.startLine + shown.length - 1;
        const truncated = answer.truncated || shown.length < lines.length;
        return {
          path: answer.path,
          repository: answer.repository,
          commit: answer.commit,
          language: answer.language,
          lines: `${answer.startLine}-${endLine} of ${answer.totalLines}`,
          text: shown.join("\n"),
          truncated,
          ...(truncated ? { go_on: `Ask again with startLine ${endLine + 1}.` } : {}),
        };
      },
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const { node, source, path } = await placeOf(view, input);
      const file = await needFile(view, source, path);
      const lines = await readLines(deps, ctx, source, file);
      const own = linesOf(node);
      const startLine = input.startLine ?? own?.startLine ?? 1;
      const wanted = Math.min(input.endLine ?? own?.endLine ?? lines.length, lines.length);
      if (startLine > lines.length)
        throw new AppError("bad_request", `${path} has ${lines.length} lines; startLine is ${startLine}.`);
      if (wanted < startLine) throw new AppError("bad_request", "endLine must not be before startLine.");
      let endLine = startLine - 1;
      let characters = 0;
      while (endLine < wanted && endLine - startLine + 1 < linesAtMost && characters < charactersAtMost)
        characters += lines[endLine++]!.length + 1;
      const text = lines.slice(startLine - 1, endLine).join("\n");
      return {
        node: node === null ? null : publicNode(node),
        repository: source,
        path,
        commit: file.commit ?? "",
        language: file.language,
        startLine,
        endLine,
        totalLines: lines.length,
        text: text.slice(0, charactersAtMost),
        truncated: endLine < wanted || text.length > charactersAtMost,
        freshness: await freshnessOf(view, { sources: [source] }),
      };
    },
  });
