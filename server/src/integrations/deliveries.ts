// Webhook deliveries as they come in: proved genuine on their raw bytes, kept once, and listed for people to look at.
import type { Connector, RawDelivery, VerifiedDelivery } from "@opentrace/connectors/connector.ts";
import { scrub } from "@opentrace/connectors/scrub.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { WebhookDelivery } from "@opentrace/contract/integrations.ts";
import type { Insertable, Selectable } from "kysely";
import type { Store } from "../store/store.ts";
import type { IntegrationDeliveriesTable } from "../store/integration-tables.ts";
import { createGroupCommit } from "./group-commit.ts";
import type { IntegrationRow, Integrations } from "./integrations.ts";
import type { Registry } from "./registry.ts";

type DeliveryRow = Selectable<IntegrationDeliveriesTable>;
type NewDelivery = Insertable<IntegrationDeliveriesTable>;

export interface Deliveries {
  /**
   * Resolves when it is durable; a second one with the same id changes nothing. Throws AppError: not_found (no such integration),
   * unauthenticated (not genuine), unavailable (too much waits).
   */
  receive(connector: string, integration: string, raw: RawDelivery): Promise<void>;
  /** One that the vendor was asked for because it had not arrived. */
  recover(row: IntegrationRow, raw: RawDelivery): Promise<void>;
  /** Newest first, those before `before`. */
  list(
    integration: string,
    by: { state?: WebhookDelivery["state"] | undefined; before: number | null; limit: number },
  ): Promise<(WebhookDelivery & { row: number })[]>;
  /** The oldest that were not processed yet, up to some megabytes of bodies. */
  waiting(integration: string): Promise<Pick<DeliveryRow, "id" | "headers" | "body" | "received_at">[]>;
  processed(
    integration: string,
    results: readonly { id: number; state: "done" | "ignored" | "failed"; detail: string | null }[],
  ): Promise<void>;
  /** Integrations with deliveries that wait. */
  behind(): Promise<string[]>;
}

export interface DeliveriesDeps {
  store: Store;
  integrations: Integrations;
  registry: Registry;
  now(this: void): Date;
  /** After new ones are durable. */
  arrived(this: void, integration: { id: string; workspace: string }): void;
}

interface Verifier {
  row: IntegrationRow;
  connector: Connector;
  secrets: string[];
  readAt: number;
}

/** How long secrets are kept in memory from one delivery to the next: a changed one takes effect after that. */
const verifierMs = 2_000;
const mib = 1024 * 1024;
const batchBytes = 8 * mib;
/** The newest of an integration are kept; of those, fewer with their body. */
const keptRows = 20_000;
const keptBodies = 2_000;
/** What a header's name says of its value: secrets and signatures are not kept. */
const notKept = /signature|token|authorization|cookie|secret|password|api-?key/i;

export function createDeliveries({ store, integrations, registry, now, arrived }: DeliveriesDeps): Deliveries {
  const db = store.app;
  const verifiers = new Map<string, Verifier>();
  const commit = createGroupCommit<NewDelivery>({
    write,
    sizeOf: (delivery) => delivery.bytes + 1_000,
    mostItems: 200,
    mostBytes: batchBytes,
    mostWaiting: 64 * mib,
  });

  async function write(deliveries: readonly NewDelivery[]): Promise<void> {
    // One statement must not name a row twice.
    const once = new Map(deliveries.map((one) => [`${one.integration} ${one.delivery_id}`, one]));
    await db
      .insertInto("integration_deliveries")
      .values([...once.values()])
      .onConflict((conflict) =>
        conflict
          .columns(["integration", "delivery_id"])
          // Sent again by hand after it had failed here: another try. Otherwise a second one has no effect.
          .doUpdateSet(({ ref }) => ({ state: "received", detail: null, body: ref("excluded.body") }))
          .where("integration_deliveries.state", "=", "failed"),
      )
      .execute();
  }

  async function verifierOf(id: string, fresh: boolean): Promise<Verifier> {
    const known = verifiers.get(id);
    const at = now().getTime();
    if (known !== undefined && !fresh && at - known.readAt < verifierMs) return known;
    verifiers.delete(id);
    const row = await db.selectFrom("integrations").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined || row.removing === 1) throw new AppError("not_found", "There is no such webhook.");
    const typed = integrations.credential(row)?.values["webhookSecret"];
    const secrets = [integrations.webhookSecret(row), ...(typeof typed === "string" && typed !== "" ? [typed] : [])];
    const verifier = { row, connector: registry.find(row.connector), secrets, readAt: at };
    if (verifiers.size > 1_000) verifiers.clear();
    verifiers.set(id, verifier);
    return verifier;
  }

  function verify({ connector, secrets }: Verifier, raw: RawDelivery): VerifiedDelivery {
    if (connector.webhook === undefined) throw new AppError("not_found", "There is no such webhook.");
    return connector.webhook.verify(raw, secrets, now());
  }

  async function keep(
    { row, secrets }: Verifier,
    raw: RawDelivery,
    { deliveryId, event }: VerifiedDelivery,
    recovered: boolean,
  ): Promise<void> {
    await commit.add({
      integration: row.id,
      delivery_id: deliveryId.slice(0, 500),
      event: event.slice(0, 200),
      state: "received",
      detail: null,
      headers: JSON.stringify(keptHeaders(raw.headers, secrets)),
      body: raw.body,
      bytes: raw.body.byteLength,
      recovered: recovered ? 1 : 0,
      received_at: now().getTime(),
      processed_at: null,
    });
    arrived(row);
  }

  return {
    async receive(connector, integration, raw) {
      let verifier = await verifierOf(integration, false);
      if (verifier.row.connector !== connector) throw new AppError("not_found", "There is no such webhook.");
      let verified: VerifiedDelivery;
      try {
        verified = verify(verifier, raw);
      } catch (error) {
        if (verifier.readAt === now().getTime()) throw error;
        // The secret may have been changed a moment ago.
        verifier = await verifierOf(integration, true);
        verified = verify(verifier, raw);
      }
      await keep(verifier, raw, verified, false);
    },

    async recover(row, raw) {
      const verifier = await verifierOf(row.id, true);
      await keep(verifier, raw, verify(verifier, raw), true);
    },

    async list(integration, { state, before, limit }) {
      let query = db
        .selectFrom("integration_deliveries")
        .select(["id", "delivery_id", "event", "state", "detail", "bytes", "recovered", "received_at", "processed_at"])
        .where("integration", "=", integration);
      if (state !== undefined) query = query.where("state", "=", state);
      if (before !== null) query = query.where("id", "<", before);
      const rows = await query.orderBy("id", "desc").limit(limit).execute();
      return rows.map((row) => ({
        row: row.id,
        id: String(row.id),
        deliveryId: row.delivery_id,
        event: row.event,
        state: row.state,
        detail: row.detail,
        bytes: row.bytes,
        recovered: row.recovered === 1,
        receivedAt: new Date(row.received_at).toISOString(),
        processedAt: row.processed_at === null ? null : new Date(row.processed_at).toISOString(),
      }));
    },

    async waiting(integration) {
      const sizes = await db
        .selectFrom("integration_deliveries")
        .select(["id", "bytes"])
        .where("integration", "=", integration)
        .where("state", "=", "received")
        .orderBy("id")
        .limit(500)
        .execute();
      const ids: number[] = [];
      let total = 0;
      for (const { id, bytes } of sizes) {
        total += bytes;
        if (ids.length > 0 && total > batchBytes) break;
        ids.push(id);
      }
      if (ids.length === 0) return [];
      return await db
        .selectFrom("integration_deliveries")
        .select(["id", "headers", "body", "received_at"])
        .where("id", "in", ids)
        .orderBy("id")
        .execute();
    },

    async processed(integration, results) {
      const groups = Map.groupBy(results, ({ state, detail }) => JSON.stringify([state, detail]));
      for (const group of groups.values()) {
        const [{ state, detail } = { state: "done" as const, detail: null }] = group;
        await db
          .updateTable("integration_deliveries")
          .set({ state, detail: detail === null ? null : scrub(detail).slice(0, 1_000), processed_at: now().getTime() })
          .where(
            "id",
            "in",
            group.map(({ id }) => id),
          )
          .execute();
      }
      await prune(integration);
    },

    behind: async () =>
      (
        await db
          .selectFrom("integration_deliveries")
          .select("integration")
          .distinct()
          .where("state", "=", "received")
          .execute()
      ).map((row) => row.integration),
  };

  /** By number: however much a vendor sends, it can't fill the disk. */
  async function prune(integration: string): Promise<void> {
    const nth = async (kept: number): Promise<number> => {
      const row = await db
        .selectFrom("integration_deliveries")
        .select("id")
        .where("integration", "=", integration)
        .orderBy("id", "desc")
        .offset(kept)
        .limit(1)
        .executeTakeFirst();
      return row?.id ?? 0;
    };
    const [bodies, rows] = [await nth(keptBodies), await nth(keptRows)];
    if (bodies > 0)
      await db
        .updateTable("integration_deliveries")
        .set({ body: null })
        .where("integration", "=", integration)
        .where("id", "<=", bodies)
        .where("state", "!=", "received")
        .where("body", "is not", null)
        .execute();
    if (rows > 0)
      await db
        .deleteFrom("integration_deliveries")
        .where("integration", "=", integration)
        .where("id", "<=", rows)
        .where("state", "!=", "received")
        .execute();
  }
}

function keptHeaders(headers: RawDelivery["headers"], secrets: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => !notKept.test(name) && !secrets.some((secret) => value.includes(secret)),
    ),
  );
}
