// Questions in plain English and their answers, as REST, MCP, the CLI and the UI see them.
import { z } from "zod";
import { GraphNode, SourceFreshness } from "./graph.ts";

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).format() !== "";
  } catch {
    return false;
  }
};

export const AskQuestion = z.strictObject({
  question: z.string().trim().min(1).max(500).describe("A question in plain English"),
  timeZone: z
    .string()
    .max(100)
    .refine(isTimeZone, "It should be the name of a time zone, such as Europe/Berlin or UTC.")
    .optional()
    .describe("Where a day begins for words like yesterday, e.g. Europe/Berlin; UTC if absent"),
});
export type AskQuestion = z.infer<typeof AskQuestion>;

/** A name in the question: which node it was taken for, and what else it could mean. */
export const AskMention = z.object({
  text: z.string(),
  took: GraphNode.nullable(),
  /** exact = its name, key or path; part = the name is a part of its; similar = spelled differently. null when nothing was taken. */
  match: z.enum(["exact", "part", "similar"]).nullable(),
  others: z.array(GraphNode).describe("Other nodes that the name could mean, best first"),
});
export type AskMention = z.infer<typeof AskMention>;

/** A query that was run for the answer: ask it again, refine it, or link to it. */
export const AskQuery = z.object({
  verb: z.string(),
  input: z.record(z.string(), z.json()),
  method: z.enum(["GET", "POST", "PATCH", "DELETE"]),
  /** REST path with query string. */
  url: z.string(),
});
export type AskQuery = z.infer<typeof AskQuery>;

export const AskAnswer = z.object({
  question: z.string(),
  /** False when the question has no known form, or names something that is not in the graph: `answer` then says which. */
  understood: z.boolean(),
  /** What was understood: find, describe, dependencies, dependents, impact, path, similar, critical … */
  intent: z.string().nullable(),
  /** Markdown. */
  answer: z.string(),
  /** Nodes that the answer rests on, in the order of their mention. */
  nodes: z.array(GraphNode),
  queries: z.array(AskQuery),
  mentions: z.array(AskMention),
  /** Questions that are understood, when this one was not. */
  examples: z.array(z.string()),
  truncated: z.boolean(),
  freshness: z.array(SourceFreshness),
});
export type AskAnswer = z.infer<typeof AskAnswer>;
