// From an understood question to its answer: which verbs it takes, and the sentences that a person reads.
import type { Question } from "../grammar.ts";
import type { GraphAccess } from "../graph-access.ts";
import { type Answered, answered, withNode } from "./answered.ts";
import { common, path, similar } from "./between-nodes.ts";
import { changes } from "./change.ts";
import { deployments, issues, item, owners, pipelines, pullRequests } from "./delivery.ts";
import { dependencies, dependents, impact, tests } from "./dependence.ts";
import { critical, criticality } from "./importance.ts";
import { caused, happened, incident, incidents } from "./incidents.ts";
import { describe, find, grep, source } from "./one-node.ts";
import { contents, counting, freshness, listing, overview } from "./what-exists.ts";

/** Times are told in UTC; a day that the question names began at midnight in `zone`, and the answer says so. */
export async function answerQuestion(question: Question, zone: string, access: GraphAccess): Promise<Answered> {
  switch (question.intent) {
    case "help":
      return answered(
        "I answer questions about what is in the graph: what exists, what depends on what, what a change affects, how things connect, what is critical, what changed, which pull requests, issues, pipelines and deployments there are, who owns what, and which incidents there are, what they affect and what caused them.",
      );
    case "overview":
      return overview(access);
    case "freshness":
      return freshness(question.of, access);
    case "list":
      return listing(question.types, question.word, question.within, access);
    case "count":
      return counting(question.types, question.within, access);
    case "contents":
      return withNode(question.of, access, (node) => contents(node, access));
    case "find":
      return find(question.what, access);
    case "describe":
      return withNode(question.of, access, (node) => describe(node, access));
    case "source":
      return withNode(question.of, access, (node) => source(node, access));
    case "grep":
      return grep(question.text, access);
    case "dependencies":
      return withNode(question.of, access, (node) => dependencies(node, question.relation, question.deep, access));
    case "dependents":
      return withNode(question.of, access, (node) =>
        dependents(node, question.relation, question.deep, question.types, access),
      );
    case "tests":
      return withNode(question.of, access, (node) => tests(node, access));
    case "impact":
      return impact(question.of, access);
    case "criticality":
      return withNode(question.of, access, (node) => criticality(node, access));
    case "critical":
      return critical(question, access);
    case "path":
      return path(question.from, question.to, question.directed, access);
    case "similar":
      return withNode(question.to, access, (node) => similar(node, access));
    case "common":
      return common(question.of, question.direction, access);
    case "changes":
      return changes(question, zone, access);
    case "incidents":
      return incidents(question, zone, access);
    case "incident":
      return incident(question, access);
    case "happened":
      return happened(question, zone, access);
    case "caused":
      return caused(question, access);
    case "item":
      return item(question, access);
    case "pull requests":
      return pullRequests(question, access);
    case "issues":
      return issues(question, access);
    case "pipelines":
      return pipelines(question, access);
    case "deployments":
      return deployments(question, zone, access);
    case "owners":
      return owners(question, zone, access);
  }
}
