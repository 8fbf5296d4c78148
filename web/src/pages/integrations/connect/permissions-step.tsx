// Second step: what the credential may do, tried with real calls; a missing permission says how to grant it.
import type { AvailableIntegration, Integration } from "@opentrace/contract/integrations.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, RefreshCw } from "lucide-react";
import { vendor } from "../../../api/integration-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorNote, Notice, SkeletonRows } from "../../../ui/states.tsx";
import { PermissionList } from "../permission-list.tsx";

interface Props {
  connector: AvailableIntegration;
  integration: Integration;
  onNext: () => void;
}

export function PermissionsStep({ connector, integration, onNext }: Props) {
  const { data: test, error, isFetching, refetch } = useQuery(vendor.test(integration.id));
  return (
    <div className="flex flex-col gap-4">
      {test?.account ? (
        <p>
          Connected to <strong className="font-semibold break-words">{test.account}</strong>.
        </p>
      ) : null}
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : test ? (
        <PermissionList test={test} />
      ) : (
        <SkeletonRows rows={connector.auth[0]?.permissions.length ?? 5} label="Trying each permission" />
      )}
      {test?.error?.code === "upstream_auth" ? (
        <p>
          If it was revoked or has ended,{" "}
          <Link
            to="/integrations/$connector/$id"
            params={{ connector: connector.id, id: integration.id }}
            className="rounded-sm text-accent-text underline underline-offset-2"
          >
            rotate the credential on its page
          </Link>
          .
        </p>
      ) : null}
      {test && !test.ok && !test.error ? (
        <Notice tone="warn">
          Grant what is missing at {connector.name}, then test again. Going on without it leaves out what needs it.
        </Notice>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Button look={test?.ok ? "primary" : "plain"} onClick={onNext} disabled={!test || test.error !== null}>
          {test && !test.ok ? "Go on without it" : "Choose what to sync"} <ArrowRight size={15} aria-hidden />
        </Button>
        <Button look={test && !test.ok ? "primary" : "plain"} onClick={() => void refetch()} disabled={isFetching}>
          <RefreshCw size={15} aria-hidden className={isFetching ? "animate-spin" : ""} />
          {isFetching ? "Testing…" : "Test again"}
        </Button>
      </div>
    </div>
  );
}
