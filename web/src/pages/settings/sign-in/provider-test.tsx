// Asks an identity provider what it tells of itself, and says what came of it.
import type { IdentityProvider } from "@opentrace/contract/users.ts";
import { useQuery } from "@tanstack/react-query";
import { testIdentityProvider } from "../../../api/identity-providers.ts";
import { Button } from "../../../ui/button.tsx";
import { CopyLine } from "../../../ui/copy-line.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { ErrorNote, Notice, SkeletonRows } from "../../../ui/states.tsx";
import { durationText } from "../../../ui/time-text.ts";

export function ProviderTest({ provider, onClose }: { provider: IdentityProvider; onClose: () => void }) {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["identity-provider-test", provider.id],
    queryFn: ({ signal }) => testIdentityProvider(provider.id, signal),
    gcTime: 0,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={`Test of ${provider.name}`}
      description="It is asked what it tells of itself. No secret is sent; whether the secret is right shows at the first sign-in."
    >
      <div className="flex flex-col gap-4">
        {isFetching ? (
          <SkeletonRows rows={2} label="Asking it" />
        ) : error ? (
          <ErrorNote error={error} />
        ) : data ? (
          <>
            <p role="status" className="font-medium">
              {data.ok
                ? `It answers as it should, in ${durationText(data.milliseconds / 1000)}.`
                : "It does not answer as it should."}
            </p>
            {data.reason ? <Notice tone="warn">{data.reason}</Notice> : null}
            {data.authorization_endpoint ? (
              <p className="text-sm wrap-anywhere text-muted">
                People sign in at <span className="font-mono">{data.authorization_endpoint}</span>
              </p>
            ) : null}
            <CopyLine label="Callback address, registered there" text={data.callback_url} />
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
