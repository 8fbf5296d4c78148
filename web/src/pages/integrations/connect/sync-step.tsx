// Last step: the first sync, live, and where to go from there.
import type { AvailableIntegration, Integration } from "@opentrace/contract/integrations.ts";
import { Link } from "@tanstack/react-router";
import { ArrowRight, CircleCheck, LoaderCircle } from "lucide-react";
import { buttonClasses } from "../../../ui/button.tsx";
import { Card } from "../../../ui/page.tsx";
import { count, plural } from "../../../ui/time-text.ts";
import { scopesText } from "../words.ts";
import { isSyncing, SyncProgressList } from "../sync-progress.tsx";

export function SyncStep({ connector, integration }: { connector: AvailableIntegration; integration: Integration }) {
  const { id, counts, health, lastSuccessAt, paused } = integration;
  const active = isSyncing(integration);
  const stopped = health.state !== "ok" && health.state !== "degraded" && health.reason !== null;
  return (
    <div className="flex flex-col gap-4">
      <Card className="p-4">
        {active ? (
          <SyncProgressList integration={integration} connector={connector} />
        ) : stopped ? (
          <div role="alert" className="flex flex-col gap-1 text-bad">
            <p>{health.reason}</p>
            {health.action ? <p className="text-text">{health.action}</p> : null}
          </div>
        ) : lastSuccessAt !== null ? (
          <p role="status" className="flex items-start gap-2.5">
            <CircleCheck size={18} aria-hidden className="mt-0.5 shrink-0 text-ok" />
            <span>
              <strong className="font-semibold">Synced.</strong> {plural(counts.items, "item")} of{" "}
              {scopesText(connector, counts.scopes)}: {count(counts.nodes)} nodes and {count(counts.edges)} edges of the
              graph.
              {health.state === "degraded" && health.reason ? (
                <span className="mt-1 block text-warn">{health.reason}</span>
              ) : null}
            </span>
          </p>
        ) : (
          <p role="status" className="flex items-center gap-2.5">
            <LoaderCircle size={16} aria-hidden className="animate-spin text-faint" />
            {paused ? "This integration is paused." : `Asking ${connector.name} what there is…`}
          </p>
        )}
      </Card>
      {active ? (
        <p className="text-sm text-muted">You can leave this page: the sync goes on, and from now on by itself.</p>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Link
          to="/integrations/$connector/$id"
          params={{ connector: connector.id, id }}
          className={buttonClasses(active ? "plain" : "primary")}
        >
          Open its page <ArrowRight size={15} aria-hidden />
        </Link>
        <Link to="/ask" search={{ q: "Which pull requests are open?" }} className={buttonClasses()}>
          Ask about it
        </Link>
        <Link to="/explore" className={buttonClasses()}>
          Explore the graph
        </Link>
      </div>
    </div>
  );
}
