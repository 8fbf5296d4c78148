// Disconnecting: counts what goes, says what stays and what happens at the vendor, and asks for the integration's name.
import type { AvailableIntegration, DisconnectPreview, Integration } from "@opentrace/contract/integrations.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { disconnectIntegration } from "../../../api/integration-actions.ts";
import { integrations } from "../../../api/integration-queries.ts";
import { ErrorNote, SkeletonRows } from "../../../ui/states.tsx";
import { count, plural } from "../../../ui/time-text.ts";
import { TypedConfirmation } from "../../../ui/typed-confirmation.tsx";
import { scopesText } from "../words.ts";

interface Props {
  integration: Integration;
  connector: AvailableIntegration | undefined;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onDisconnected: () => void;
}

export function Disconnect({ integration, connector, open, onOpenChange, onDisconnected }: Props) {
  const client = useQueryClient();
  const preview = useQuery({ ...integrations.disconnectPreview(integration.id), enabled: open });
  const word = preview.data?.confirm ?? integration.name;
  const disconnect = useMutation({
    mutationFn: () => disconnectIntegration(integration.id, word),
    onSuccess: async () => {
      onOpenChange(false);
      onDisconnected();
      await client.invalidateQueries({ queryKey: integrations.key });
    },
  });
  return (
    <TypedConfirmation
      open={open}
      onOpenChange={(next) => (disconnect.reset(), onOpenChange(next))}
      title={`Disconnect ${integration.name}?`}
      word={word}
      action="Disconnect"
      danger
      ready={preview.data !== undefined}
      busy={disconnect.isPending}
      error={disconnect.error}
      onConfirm={() => disconnect.mutate()}
    >
      {preview.error ? (
        <ErrorNote error={preview.error} onRetry={() => void preview.refetch()} />
      ) : preview.data ? (
        <Preview preview={preview.data} connector={connector} vendor={connector?.name ?? integration.connector} />
      ) : (
        <SkeletonRows rows={3} label="Counting what goes" />
      )}
    </TypedConfirmation>
  );
}

const fewRepositories = 5;

function Preview({
  preview,
  connector,
  vendor,
}: {
  preview: DisconnectPreview;
  connector: AvailableIntegration | undefined;
  vendor: string;
}) {
  const { nodes, edges, kept: shared, exact, scopes, repositories, revokes } = preview;
  const removed = repositories.filter((each) => each.removed);
  const kept = repositories.filter((each) => !each.removed);
  return (
    <div className="flex flex-col gap-2 text-muted">
      <p>
        <strong className="text-text">Goes:</strong> what {scopesText(connector, scopes)} brought,{" "}
        {exact ? "" : "at most "}
        {plural(nodes, "node")} and {plural(edges, "edge")} that nothing else says, its credential, and its history.
      </p>
      {removed.length > 0 ? (
        <p className="break-words">
          <strong className="text-text">Code that goes with it:</strong> {names(removed)}.
        </p>
      ) : null}
      {kept.length > 0 ? (
        <p className="break-words">
          <strong className="text-text">Code that stays</strong>, because you added it yourself or another integration
          brings it, too: {names(kept)}.
        </p>
      ) : null}
      <p>
        <strong className="text-text">Stays:</strong> everything that other sources say
        {shared.nodes + shared.edges > 0
          ? ` (${plural(shared.nodes, "node")} and ${plural(shared.edges, "edge")} that it said with them)`
          : ""}
        , and all that is at {vendor}.
      </p>
      {revokes ? (
        <p>
          <strong className="text-text">At {vendor}:</strong> {revokes}
        </p>
      ) : null}
    </div>
  );
}

function names(list: readonly { name: string }[]): string {
  const few = list.slice(0, fewRepositories).map(({ name }) => name);
  const more = list.length - few.length;
  return `${few.join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}`;
}
