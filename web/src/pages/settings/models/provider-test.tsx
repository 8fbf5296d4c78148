// A question to each model of a provider: whether it answers, how long it takes, and if not why.
import type { ModelProvider } from "@opentrace/contract/models.ts";
import { useQuery } from "@tanstack/react-query";
import { testProvider } from "../../../api/models.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { ErrorNote, SkeletonRows } from "../../../ui/states.tsx";
import { durationText } from "../../../ui/time-text.ts";
import { purposes } from "./provider-words.ts";

export function ProviderTestDialog({ provider, onClose }: { provider: ModelProvider; onClose: () => void }) {
  // Closing the dialog stops the test: a slow model may take minutes.
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["model-test", provider.id],
    queryFn: ({ signal }) => testProvider(provider.id, signal),
    gcTime: 0,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={`Test of ${provider.name}`}
      description="Each of its models is asked a short question. That costs a few tokens."
    >
      <div className="flex flex-col gap-4">
        {isFetching ? (
          <SkeletonRows rows={2} label="Asking its models" />
        ) : error ? (
          <ErrorNote error={error} />
        ) : data ? (
          <>
            <p role="status" className="font-medium">
              {data.ok ? "It answers." : "It does not answer as it should."}
            </p>
            <ul aria-label="Tries" className="flex flex-col gap-2">
              {data.tried.map(({ role, model, outcome, reason, milliseconds, at }, index) => (
                <li key={`${role} ${at} ${index}`} className="flex flex-col gap-0.5">
                  <span className="flex flex-wrap items-center gap-2">
                    <Badge tone={outcome === "read" ? "ok" : "bad"}>{outcome === "read" ? "answered" : "failed"}</Badge>
                    <span>{purposes.find((each) => each.role === role)?.name}</span>
                    <span className="font-mono text-sm break-all text-muted">{model}</span>
                    <span className="text-sm text-faint">{durationText(milliseconds / 1000)}</span>
                  </span>
                  {reason ? <span className="text-sm wrap-anywhere text-muted">{reason}</span> : null}
                </li>
              ))}
            </ul>
          </>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button disabled={isFetching} onClick={() => void refetch()}>
            Test again
          </Button>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
