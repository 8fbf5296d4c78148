// Issues, change requests and the like of one state over all repositories: their newest, and how many they are.
import { sql } from "kysely";
import type { Migration } from "../migrate.ts";
import { firstDeliveryColumns } from "./graph-0004-delivery-by-time.ts";

export const deliveryByState: Migration = {
  version: 10,
  name: "delivery by state",
  async up(db, ddl) {
    const { isDelivery, changedAt, state } = firstDeliveryColumns(ddl);
    await sql
      .raw(
        `create index nodes_delivery_by_state on nodes (workspace, type, (${state}), (${changedAt})) where ${isDelivery}`,
      )
      .execute(db);
  },
};
