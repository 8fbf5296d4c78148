// Change requests, deployments and releases of a repository by when they were merged, made and published: incidents of long ago are
// investigated by that, and not by when something was last said about them.
import { nodeTypes } from "@opentrace/contract/graph.ts";
import { sql } from "kysely";
import type { Ddl } from "../engine.ts";
import type { Migration } from "../migrate.ts";

export const happeningTypes = ["PullRequest", "Deployment", "Release"] as const;
export type HappeningType = (typeof happeningTypes)[number];

export const firstHappeningColumns = (ddl: Ddl) => ({
  isHappening: `type in (${happeningTypes.map((type) => nodeTypes.indexOf(type)).join(", ")})`,
  happenedAt: `coalesce(${ddl.jsonText("props", "mergedAt")}, ${ddl.jsonText("props", "publishedAt")}, ${ddl.jsonText("props", "createdAt")}, '')`,
  repository: ddl.repositoryPart("key"),
});

export const deliveryByHappening: Migration = {
  version: 9,
  name: "delivery by happening",
  async up(db, ddl) {
    const { isHappening, happenedAt, repository } = firstHappeningColumns(ddl);
    await sql
      .raw(
        `create index nodes_delivery_by_happening on nodes (workspace, (${repository}), type, (${happenedAt})) where ${isHappening}`,
      )
      .execute(db);
  },
};
