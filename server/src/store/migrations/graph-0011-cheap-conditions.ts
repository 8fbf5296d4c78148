// The indexes of delivery again, under a condition that costs little where rows of code are written.
import { nodeTypes } from "@opentrace/contract/graph.ts";
import { sql } from "kysely";
import type { Ddl } from "../engine.ts";
import type { Migration } from "../migrate.ts";
import { deliveryTypes, firstDeliveryColumns } from "./graph-0004-delivery-by-time.ts";
import { firstHappeningColumns, happeningTypes } from "./graph-0009-delivery-by-happening.ts";

const numbersOf = (types: readonly (typeof nodeTypes)[number][]): number[] =>
  types.map((type) => nodeTypes.indexOf(type));

/** SQL as the indexes spell it: only a query that spells it the same is answered from them. */
export const deliveryColumns = (ddl: Ddl) => ({
  ...firstDeliveryColumns(ddl),
  isDelivery: ddl.isOneOf("type", numbersOf(deliveryTypes)),
});

export const happeningColumns = (ddl: Ddl) => ({
  ...firstHappeningColumns(ddl),
  isHappening: ddl.isOneOf("type", numbersOf(happeningTypes)),
});

export const cheapConditions: Migration = {
  version: 11,
  name: "cheap conditions",
  async up(db, ddl) {
    const { isDelivery, changedAt, state, repository } = deliveryColumns(ddl);
    if (isDelivery === firstDeliveryColumns(ddl).isDelivery) return;
    const { isHappening, happenedAt } = happeningColumns(ddl);
    const indexes = {
      nodes_delivery_by_time: `(workspace, type, (${changedAt})) where ${isDelivery}`,
      nodes_delivery_by_repository: `(workspace, (${repository}), type, (${state}), (${changedAt})) where ${isDelivery}`,
      nodes_delivery_by_happening: `(workspace, (${repository}), type, (${happenedAt})) where ${isHappening}`,
      nodes_delivery_by_state: `(workspace, type, (${state}), (${changedAt})) where ${isDelivery}`,
    };
    for (const [name, of] of Object.entries(indexes)) {
      await sql.raw(`drop index ${name}`).execute(db);
      await sql.raw(`create index ${name} on nodes ${of}`).execute(db);
    }
  },
};
