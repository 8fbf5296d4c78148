// Tries the credential and each of its permissions now.
import type { Integration } from "@opentrace/contract/integrations.ts";
import { useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { vendor } from "../../../api/integration-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { ErrorNote, SkeletonRows } from "../../../ui/states.tsx";
import { PermissionList } from "../permission-list.tsx";

interface Props {
  integration: Integration;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export const TestConnection = ({ integration, open, onOpenChange }: Props) => (
  <Dialog open={open} onOpenChange={onOpenChange} title={`Test ${integration.name}`} wide>
    <Body integration={integration} />
  </Dialog>
);

function Body({ integration }: { integration: Integration }) {
  // Whoever asks for a test wants to know how it is now, not how it was.
  const { data, error, isFetching, refetch } = useQuery({ ...vendor.test(integration.id), refetchOnMount: "always" });
  return (
    <div className="flex flex-col gap-4">
      {error ? <ErrorNote error={error} /> : null}
      {data && !isFetching ? (
        <PermissionList test={data} />
      ) : error ? null : (
        <SkeletonRows label="Trying each permission" />
      )}
      <div>
        <Button onClick={() => void refetch()} disabled={isFetching}>
          <RefreshCw size={15} aria-hidden className={isFetching ? "animate-spin" : ""} />
          {isFetching ? "Testing…" : "Test again"}
        </Button>
      </div>
    </div>
  );
}
