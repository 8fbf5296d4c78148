// Sums up an impact: how much, how sure, where, what of it is tests or public, and how bad that is, with the reasons.
import { sql } from "kysely";
import type { ImpactRisk } from "@opentrace/contract/graph-answers.ts";
import { dependencyEdgeTypes, type NodeType } from "@opentrace/contract/graph.ts";
import type { Adjacency } from "./adjacency.ts";
import type { Seed } from "./impact-seeds.ts";
import { publicNode } from "./read-nodes.ts";
import { isTestPath, pathInKey } from "./snapshot/entry.ts";
import type { GraphView } from "./view.ts";
import { edgeTypeNumbers, nodeTypeOf } from "./vocabulary.ts";
import type { Step } from "./walk.ts";

const levels = ["none", "low", "medium", "high", "critical"] as const;
const testable: ReadonlySet<NodeType> = new Set(["Function", "Method", "Class", "Operation"]);
const follows = new Set(edgeTypeNumbers(dependencyEdgeTypes));

/** What the order and the risk need to know of an affected node. */
export interface AffectedRow {
  key: string;
  path: string;
  isTest: boolean;
  exported: boolean;
}

export async function readAffected(view: GraphView, ids: readonly number[]): Promise<Map<number, AffectedRow>> {
  const rows = new Map<number, AffectedRow>();
  for (let at = 0; at < ids.length; at += 1_000) {
    const part = ids.slice(at, at + 1_000);
    // Only the one property is needed: parsing all of thousands of nodes would take longer than finding them.
    const query = sql<{
      id: number;
      key: string;
      exported: number;
    }>`select id, "key", case when props like '%"exported":true%' then 1 else 0 end as exported
      from nodes where workspace = ${view.workspace} and ${view.engine.isAnyOf("id", "bigint", part)}`;
    for (const { id, key, exported } of (await query.execute(view.db)).rows) {
      const path = pathInKey(key);
      rows.set(id, { key, path, isTest: isTestPath(path), exported: exported === 1 });
    }
    if (at + 1_000 < ids.length) await new Promise(setImmediate);
  }
  return rows;
}

/** `repo:x` of a key in repository x; null for what is in none. */
function repositoryOf(key: string): string | null {
  const match = /^(?:repo|file|symbol|dir|module|branch|commit):([^#]+)/.exec(key);
  return match === null ? null : match[1]!;
}

export async function riskOf(
  adjacency: Adjacency,
  seeds: ReadonlyMap<number, Seed>,
  affected: readonly Step[],
  rows: ReadonlyMap<number, AffectedRow>,
  complete: boolean,
): Promise<ImpactRisk> {
  const files = new Set<string>();
  const repositories = new Set<string>();
  const tests: number[] = [];
  let publicApi = 0;
  for (const [id, { key, path, isTest, exported }] of rows) {
    const repository = repositoryOf(key);
    if (repository !== null) repositories.add(repository);
    if (path !== "") files.add(`${repository}#${path}`);
    if (isTest) tests.push(id);
    else if (exported) publicApi++;
  }
  const byType: ImpactRisk["byType"] = {};
  let certain = 0;
  for (const step of affected) {
    const type = nodeTypeOf(step.nodeType);
    byType[type] = (byType[type] ?? 0) + 1;
    if (step.confidence >= 0.8) certain++;
  }
  const tested = await testedSeeds(adjacency, seeds, affected, tests);
  const untested = [...seeds.values()].filter(
    ({ node, why }) =>
      why !== "overrides" && testable.has(node.type) && !tested.has(node.number) && !isTestPath(pathInKey(node.key)),
  );
  const counts = {
    affected: affected.length,
    certain,
    byType,
    files: files.size,
    repositories: repositories.size,
    packages: byType.Package ?? 0,
    tests: tests.length,
    publicApi,
  };
  const { level, reasons } = judge(counts, untested.length, seeds, complete);
  return { level, reasons, ...counts, untested: untested.slice(0, 20).map(({ node }) => publicNode(node)) };
}

/** Seeds that a test depends on, over however many hops: a walk from the tests back along the affected. */
async function testedSeeds(
  adjacency: Adjacency,
  seeds: ReadonlyMap<number, Seed>,
  affected: readonly Step[],
  tests: readonly number[],
): Promise<Set<number>> {
  const inside = new Set(affected.map((step) => step.node));
  const seen = new Set(tests);
  const tested = new Set<number>();
  let frontier = [...tests];
  while (frontier.length > 0) {
    const next: number[] = [];
    await adjacency.expand(frontier, true, follows, (_from, to) => {
      if (seeds.has(to)) tested.add(to);
      else if (inside.has(to) && !seen.has(to)) {
        seen.add(to);
        next.push(to);
      }
    });
    frontier = next;
  }
  return tested;
}

const figure = (number: number): string => number.toLocaleString("en");
const count = (number: number, one: string, many = `${one}s`): string =>
  `${figure(number)} ${number === 1 ? one : many}`;

function judge(
  risk: Omit<ImpactRisk, "level" | "reasons" | "untested">,
  untested: number,
  seeds: ReadonlyMap<number, Seed>,
  complete: boolean,
): Pick<ImpactRisk, "level" | "reasons"> {
  const others = risk.affected - risk.tests;
  const reasons: string[] = [];
  if (risk.affected === 0) {
    reasons.push("Nothing in the graph depends on it.");
    return { level: "none", reasons };
  }
  let level = others === 0 ? 0 : others <= 10 ? 1 : others <= 50 ? 2 : others <= 250 ? 3 : 4;
  reasons.push(
    risk.tests === 0
      ? `${complete ? "" : "More than "}${count(others, "node")} in ${count(risk.files, "file")} would be affected; no test among them.`
      : `${others === 0 ? "Nothing but" : `${complete ? "" : "More than "}${count(others, "node")} of the code and`} ${count(risk.tests, "node")} of tests, in ${count(risk.files, "file")}, would be affected.`,
  );
  // What was not counted may be anything: a cut answer is never called harmless.
  if (!complete) level = Math.max(level, 3);
  if (risk.repositories > 1) {
    level = Math.max(level + 1, 3);
    reasons.push(`It reaches ${count(risk.repositories, "repository", "repositories")}.`);
  }
  if (risk.publicApi > 0)
    reasons.push(`${count(risk.publicApi, "exported symbol")} among them may have users elsewhere.`);
  if (untested > 0) {
    level += 1;
    reasons.push(
      `No test reaches ${untested === 1 ? "a changed symbol" : `${figure(untested)} of the changed symbols`}.`,
    );
  }
  if (risk.certain < risk.affected)
    reasons.push(`${figure(risk.affected - risk.certain)} of the ways are inferred with a confidence below 0.8.`);
  if ([...seeds.values()].some((seed) => seed.why === "overrides"))
    reasons.push("Related types have the same method: callers through them count with lower confidence.");
  return { level: levels[Math.min(4, Math.max(1, level))]!, reasons };
}
