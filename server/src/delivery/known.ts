// What can be known at all: an answer without facts says whether that is because nothing was connected.
import type { GraphView } from "../graph/view.ts";

/** Null when something is connected that could have told. `what` is a plural: "pull requests". */
export async function nothingConnected(view: GraphView, what: string): Promise<string | null> {
  const rows = await view.db
    .selectFrom("sources")
    .select(["observed_at", "name"])
    .where("workspace", "=", view.workspace)
    .where("kind", "=", "integration")
    // What people write here (runbooks, incidents) is a source too, but tells nothing of deliveries.
    .where("source", "like", "integration:%")
    .execute();
  if (rows.length === 0)
    return `No integration is connected, so the graph knows no ${what}. Connect GitHub or GitLab under Integrations.`;
  const first = rows.filter((row) => row.observed_at === null);
  return first.length === rows.length
    ? `${first.map((row) => row.name).join(", ")} has not been synced to its end yet, so ${what} may be missing.`
    : null;
}
