// The audit log: who changed what, when, by which door, and how it ended.
import type { Store } from "../store/store.ts";
import type { AuditEntry } from "./invoke.ts";

export function createAudit(store: Store): (entry: AuditEntry) => Promise<void> {
  return async ({ at, actor, workspace, verb, subject, outcome, door, requestId, address = null }) => {
    await store.app
      .insertInto("audit")
      .values({
        at: at.getTime(),
        actor,
        workspace,
        verb,
        target: subject,
        outcome,
        detail: JSON.stringify({ door, requestId, ...(address === null ? {} : { address }) }),
      })
      .execute();
  };
}
