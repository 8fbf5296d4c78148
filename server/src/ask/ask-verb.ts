// The verb that answers plain English. An asker turns a question into an answer; the grammar is the one that needs no model.
import { AskAnswer, AskQuestion } from "@opentrace/contract/ask.ts";
import type { CriticalAnswer, StatsAnswer } from "@opentrace/contract/graph-answers.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { defineVerb, type Verb, type VerbContext } from "../verb.ts";
import { answerQuestion } from "./answers/answer-question.ts";
import { codeSpan } from "./wording.ts";
import { readQuestion } from "./grammar.ts";
import { createGraphAccess, type GraphAccess } from "./graph-access.ts";

/** Null = not understood; the next asker (one with a model, some day) is asked. */
export type Asker = (question: AskQuestion, ctx: VerbContext) => Promise<AskAnswer | null>;

/** Questions that are understood, about what is in this graph: an example that leads nowhere teaches nothing. */
async function examplesFor(access: GraphAccess): Promise<string[]> {
  const { critical } = await access.run<CriticalAnswer>("graph.critical", { types: ["Class", "Function"], limit: 20 });
  const { sources } = await access.run<StatsAnswer>("graph.stats", {});
  const named = critical.filter(({ node }) => /^\w+$/.test(node.name)).map(({ node }) => node.name);
  const [one, other] = [...new Set(named)];
  return [
    "What repositories exist?",
    ...(one === undefined ? [] : [`Tell me about ${one}`, `What does ${one} depend on?`, `What calls ${one}?`]),
    ...(one === undefined ? [] : [`What would be affected if I change ${one}?`]),
    ...(one === undefined || other === undefined ? [] : [`How does ${one} connect to ${other}?`]),
    "What are the most critical classes?",
    ...(sources.some(({ source }) => source.startsWith("integration:")) && one !== undefined
      ? [`Which open PRs touch ${one}?`, "What was deployed to production since Monday?", `Who owns ${one}?`]
      : []),
    `What changed${sources[0] === undefined ? "" : ` in ${sources[0].name}`} since yesterday?`,
  ];
}

export function createGrammarAsker(verbs: readonly Verb[]): Asker {
  const byName = new Map(verbs.map((verb) => [verb.name, verb]));
  return async ({ question, timeZone = "UTC" }, ctx) => {
    const understood = readQuestion(question, ctx.now(), timeZone);
    if (understood === null) return null;
    const access = createGraphAccess(byName, ctx);
    const told = await answerQuestion(understood, timeZone, access);
    const isHelped = told.understood && understood.intent !== "help";
    return {
      question,
      understood: told.understood,
      intent: understood.intent,
      answer: `${tookOne(access.mentions)}${told.text}`,
      nodes: told.nodes.slice(0, 100),
      queries: access.queries,
      mentions: access.mentions,
      examples: isHelped ? [] : await examplesFor(createGraphAccess(byName, ctx)),
      truncated: told.truncated,
      freshness: [...access.freshness.values()],
    };
  };
}

/** Says which of several it took where the name alone does not decide, and when nothing has exactly that name. */
function tookOne(mentions: AskAnswer["mentions"]): string {
  const lines = mentions.flatMap(({ text, took, match, others }) => {
    if (took === null) return [];
    const name = codeSpan(took.key);
    const also =
      others.length === 0
        ? ""
        : ` (also: ${others
            .slice(0, 3)
            .map(({ key }) => codeSpan(key))
            .join(", ")})`;
    if (match === "similar") return [`Nothing is called "${text}"; I took the most similar name, ${name}${also}.`];
    if (match === "part") return [`Nothing is called exactly "${text}"; I took ${name}${also}.`];
    return others.some((other) => other.name === took.name)
      ? [`"${text}" could be several; I took ${name}${also}.`]
      : [];
  });
  return lines.length === 0 ? "" : `${lines.join("\n")}\n\n`;
}

/** `verbs` are those that examples are found with. */
export function askVerb(askers: readonly Asker[], verbs: readonly Verb[]): Verb {
  const byName = new Map(verbs.map((verb) => [verb.name, verb]));
  return defineVerb({
    name: "ask.question",
    summary: "Ask in plain English",
    description:
      "Answers a question in plain English: what exists, find X, tell me about X, what X depends on, what calls X, what a change of X affects, how A connects to B, what is similar, critical, shared, or changed since a time, which open PRs touch X, which issues are linked to X, which pipeline deploys X, what was deployed to production since Monday, who owns X, tell me about PR 12, which incidents affect X, what happened in X last week, what caused INC-7. Says which nodes and queries the answer rests on, and when it does not understand.",
    permission: "graph:read",
    input: AskQuestion,
    output: AskAnswer,
    http: { method: "POST", path: "/ask" },
    mcp: {
      tool: "ask",
      present: ({ answer, understood, nodes, mentions, examples: tries, truncated, freshness }) => ({
        answer,
        understood,
        nodes: nodes.map(({ id, key, type }) => ({ id, key, type })),
        could_also_be: mentions.flatMap(({ others }) => others.map(({ id, key }) => ({ id, key }))),
        ...(tries.length > 0 ? { examples: tries } : {}),
        truncated,
        stale: freshness
          .filter((source) => source.state !== "fresh")
          .map(({ name, state, detail }) => ({ name, state, detail })),
      }),
    },
    async run(ctx, asked) {
      const { question } = asked;
      for (const asker of askers) {
        const answer = await asker(asked, ctx);
        if (answer !== null) return answer;
        if (ctx.signal.aborted) throw new AppError("cancelled", "Cancelled by the caller.");
      }
      return {
        question,
        understood: false,
        intent: null,
        answer:
          "I don't understand this question. I know what is in the graph: ask what exists, what something depends on, what a change affects, or how two things connect.",
        nodes: [],
        queries: [],
        mentions: [],
        examples: await examplesFor(createGraphAccess(byName, ctx)),
        truncated: false,
        freshness: [],
      };
    },
  });
}
