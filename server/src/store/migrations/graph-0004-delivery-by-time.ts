// Issues, change requests, pipelines, deployments and releases by when they last changed: over all, and by repository and state.
import { nodeTypes } from "@opentrace/contract/graph.ts";
import { sql } from "kysely";
import type { Ddl } from "../engine.ts";
import type { Migration } from "../migrate.ts";

export const deliveryTypes = ["Issue", "PullRequest", "Release", "Pipeline", "Deployment"] as const;
export type DeliveryType = (typeof deliveryTypes)[number];

export const firstDeliveryColumns = (ddl: Ddl) => ({
  isDelivery: `type in (${deliveryTypes.map((type) => nodeTypes.indexOf(type)).join(", ")})`,
  changedAt: `coalesce(${ddl.jsonText("props", "updatedAt")}, '')`,
  state: `coalesce(${ddl.jsonText("props", "state")}, '')`,
  repository: ddl.repositoryPart("key"),
});

export const deliveryIndexes: Migration = {
  version: 4,
  name: "delivery by time",
  async up(db, ddl) {
    const { isDelivery, changedAt, state, repository } = firstDeliveryColumns(ddl);
    await sql
      .raw(`create index nodes_delivery_by_time on nodes (workspace, type, (${changedAt})) where ${isDelivery}`)
      .execute(db);
    await sql
      .raw(
        `create index nodes_delivery_by_repository on nodes (workspace, (${repository}), type, (${state}), (${changedAt})) where ${isDelivery}`,
      )
      .execute(db);
  },
};
