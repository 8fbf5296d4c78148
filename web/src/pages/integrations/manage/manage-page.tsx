// One integration: how it is doing, what it syncs, what it did, and everything that can be done with it.
import type { AvailableIntegration, Integration } from "@opentrace/contract/integrations.ts";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { findAvailable, integrations } from "../../../api/integration-queries.ts";
import { ReadOnlyNote } from "../../../ui/may.tsx";
import { PageOfOne } from "../../../ui/page-of-one.tsx";
import { PageFrame } from "../../../ui/page.tsx";
import { PartsNav } from "../../../ui/parts-nav.tsx";
import { ConnectorIcon, HealthBadge, Trail } from "../marks.tsx";
import { type ManageState, manageSearch, type Part, parseManage } from "../url.ts";
import { Actions } from "./actions.tsx";
import { DeliveriesPart } from "./deliveries-part.tsx";
import { HistoryPart } from "./history-part.tsx";
import { LogPart } from "./log-part.tsx";
import { OverviewPart } from "./overview-part.tsx";
import { ScopesPart } from "./scopes-part.tsx";
import { SettingsPart } from "./settings-part.tsx";

export function ManagePage() {
  const { connector: connectorId, id } = useParams({ from: "/integrations/$connector/$id" });
  const available = useQuery(integrations.available);
  const query = useQuery({ ...integrations.one(id), refetchInterval: 15_000 });
  const connector = findAvailable(available.data, query.data?.connector ?? connectorId);
  return (
    <PageOfOne
      query={query}
      kind="Integration"
      titleOf={({ name }) => name}
      above={<Trail connector={connector} />}
      gone={{
        title: "This integration is not here",
        why: "It was disconnected, or the link is old.",
        link: { to: "/integrations" },
        linkLabel: "All integrations",
      }}
    >
      {(integration) => <Loaded integration={integration} connector={connector} />}
    </PageOfOne>
  );
}

export interface PartProps {
  integration: Integration;
  connector: AvailableIntegration | undefined;
  state: ManageState;
  onChange: (next: Partial<ManageState>) => void;
}

function Loaded({ integration, connector }: { integration: Integration; connector: AvailableIntegration | undefined }) {
  const { id, name, account } = integration;
  const state = parseManage(useSearch({ from: "/integrations/$connector/$id" }));
  const navigate = useNavigate();
  const params = { connector: integration.connector, id };
  const onChange = (next: Partial<ManageState>): void =>
    void navigate({
      to: "/integrations/$connector/$id",
      params,
      search: manageSearch({ ...state, ...next }),
      replace: true,
    });
  const common = { integration, connector, state, onChange };
  const shown = partsOf(connector);
  const part = shown.find(([each]) => each === state.part)?.[0] ?? "overview";
  return (
    <PageFrame
      above={<Trail connector={{ id: integration.connector, name: connector?.name ?? integration.connector }} />}
      title={
        <span className="flex items-center gap-3">
          {connector ? <ConnectorIcon of={connector} /> : null}
          <span className="min-w-0 break-words">{name}</span>
        </span>
      }
      lead={
        <span className="flex flex-wrap items-center gap-2">
          <HealthBadge health={integration.health} />
          {account && account !== name ? <span className="wrap-anywhere">{account}</span> : null}
        </span>
      }
      actions={<Actions integration={integration} connector={connector} />}
    >
      <ReadOnlyNote permission="integrations:write" what="integrations" />
      <PartsNav
        label="Parts of this integration"
        shown={part}
        parts={shown.map(([each, label]) => ({
          id: each,
          label,
          link: { to: "/integrations/$connector/$id", params, search: manageSearch({ part: each }) },
        }))}
      />
      {part === "scopes" ? (
        <ScopesPart {...common} />
      ) : part === "history" ? (
        <HistoryPart {...common} />
      ) : part === "log" ? (
        <LogPart {...common} />
      ) : part === "webhooks" ? (
        <DeliveriesPart {...common} />
      ) : part === "settings" ? (
        <SettingsPart key={integration.id} {...common} />
      ) : (
        <OverviewPart {...common} />
      )}
    </PageFrame>
  );
}

/** What is synced goes by the connector's own word for it. */
function partsOf(connector: AvailableIntegration | undefined): [Part, string][] {
  const kind = connector?.scopeKinds.find(({ contains }) => contains === null) ?? connector?.scopeKinds[0];
  return [
    ["overview", "Overview"],
    ["scopes", kind?.plural ?? "What is synced"],
    ["history", "Sync history"],
    ["log", "Log"],
    ...(connector === undefined || connector.capabilities.includes("webhook")
      ? [["webhooks", "Webhooks"] as [Part, string]]
      : []),
    ["settings", "Settings"],
  ];
}
