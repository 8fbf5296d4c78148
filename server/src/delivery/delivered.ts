// What happened in delivery since a time, for the question what changed: change requests, issues, deployments, releases, pipeline runs.
import type { DeliveryChange } from "@opentrace/contract/delivery.ts";
import { findNode, publicNode, type StoredNode } from "../graph/read-nodes.ts";
import { type GraphDeps, type GraphView, openView } from "../graph/view.ts";
import { deliveryTypes } from "../store/migrations/graph-0004-delivery-by-time.ts";
import type { VerbContext } from "../verb.ts";
import { nothingConnected } from "./known.ts";
import { indexTime, newestWhere } from "./newest.ts";
import { runsOf } from "./pipelines.ts";
import { placesOf, repositoryPart } from "./places.ts";
import { textOf } from "./present.ts";
import { touching } from "./touching.ts";

export interface Delivered {
  changes: DeliveryChange[];
  /** Null when there were too many to look at. */
  total: number | null;
  detail: string | null;
}

/** Without a time the last 30 days. */
const standardDays = 30;

/** Of everything, of a repository or what stands for one; of anything else the change requests that touch it. */
export async function deliveredSince(
  deps: GraphDeps,
  ctx: VerbContext,
  asked: { node?: string | undefined; since?: string | undefined; limit: number },
): Promise<Delivered> {
  const view = await openView(deps, ctx);
  const node = asked.node === undefined ? null : await findNode(view, asked.node);
  const since = indexTime(
    asked.since === undefined ? new Date(view.now.getTime() - standardDays * 86_400_000) : new Date(asked.since),
  );
  const { nodes, complete } = await changedNodes(view, node, since);
  const changes = nodes.flatMap((one) => changeOf(one, since));
  changes.sort((a, b) => (a.at < b.at ? 1 : -1));
  return {
    changes: changes.slice(0, asked.limit),
    total: complete ? changes.length : null,
    detail: changes.length > 0 ? null : await nothingConnected(view, "pull requests, issues, pipelines or deployments"),
  };
}

async function changedNodes(
  view: GraphView,
  node: StoredNode | null,
  since: string,
): Promise<{ nodes: StoredNode[]; complete: boolean }> {
  const query = { types: deliveryTypes, since };
  if (node === null) return await newestWhere(view, query, () => true);
  const places = await placesOf(view, node);
  const found = new Map<number, StoredNode>();
  let complete = true;
  const parts = places.filter((place) => !isRepository(place));
  if (parts.length > 0) {
    const touched = await touching(view, parts);
    complete = touched.complete;
    for (const one of touched.found) if (textOf(one.node, "updatedAt") >= since) found.set(one.node.number, one.node);
  }
  for (const place of places.filter(isRepository)) {
    const repository = repositoryPart(place.key);
    const part = await newestWhere(view, query, (one) => repositoryPart(one.key) === repository);
    for (const one of part.nodes) found.set(one.number, one);
    complete &&= part.complete;
  }
  return { nodes: [...found.values()], complete };
}

const isRepository = (node: StoredNode): boolean => node.type === "Repository" || node.type === "Branch";

/** The last thing that happened to it, when that was after `since`; a pipeline's runs are counted together. */
function changeOf(stored: StoredNode, since: string): DeliveryChange[] {
  const { props } = stored;
  const text = (name: string): string | null => (typeof props[name] === "string" ? props[name] : null);
  const after = (at: string | null): at is string => at !== null && at >= since;
  const change = (what: DeliveryChange["what"], at: string, more: Partial<DeliveryChange> = {}): DeliveryChange[] => [
    { what, node: publicNode(stored), at, by: text("author"), url: text("url"), detail: null, ...more },
  ];
  const [created, merged, closed, updated] = [text("createdAt"), text("mergedAt"), text("closedAt"), text("updatedAt")];
  switch (stored.type) {
    case "PullRequest":
    case "Issue":
      if (after(merged)) return change("merged", merged);
      if (after(closed)) return change("closed", closed);
      if (after(created)) return change("opened", created);
      return after(updated) ? change("updated", updated) : [];
    case "Deployment":
      return after(created) ? change("deployed", created, { detail: text("state") }) : [];
    case "Release":
      return after(text("publishedAt")) ? change("released", text("publishedAt") as string) : [];
    case "Pipeline": {
      const runs = runsOf(stored).filter((run) => after(run.startedAt));
      const [last] = runs;
      if (last?.startedAt == null) return [];
      const failed = runs.filter((run) =>
        /^(?:failure|failed|timed_out|startup_failure)$/.test(run.state ?? ""),
      ).length;
      const detail = `${runs.length === 1 ? "1 run" : `${runs.length} runs`}, ${failed} failed; the last: ${last.state ?? "unknown"}`;
      return change("ran", last.startedAt, { detail, url: last.url ?? text("url") });
    }
    default:
      return [];
  }
}
