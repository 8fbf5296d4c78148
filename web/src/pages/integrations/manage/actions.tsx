// What can be done with an integration at any time: sync, pause, test, rotate, disconnect.
import type { AvailableIntegration, Integration } from "@opentrace/contract/integrations.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { KeyRound, Pause, Play, RefreshCw, ShieldCheck, Unplug } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { pauseIntegration, resumeIntegration, syncIntegration } from "../../../api/integration-actions.ts";
import { integrations } from "../../../api/integration-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { useMay } from "../../../ui/may.tsx";
import { errorMessage } from "../../../ui/states.tsx";
import { isSyncing } from "../sync-progress.tsx";
import { Disconnect } from "./disconnect.tsx";
import { RotateCredential } from "./rotate-credential.tsx";
import { TestConnection } from "./test-connection.tsx";

type Open = "test" | "rotate" | "disconnect" | null;

export function Actions({
  integration,
  connector,
}: {
  integration: Integration;
  connector: AvailableIntegration | undefined;
}) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open>(null);
  const { id, name, paused } = integration;
  const take = (now: Integration): void => {
    client.setQueryData(integrations.keyOf(id), now);
    void client.invalidateQueries({ queryKey: integrations.key });
  };
  const onError = (error: unknown): void => void toast.error(errorMessage(error));
  const sync = useMutation({
    mutationFn: () => syncIntegration(id),
    onSuccess: ({ integration: now }) => {
      take(now);
      toast(`${name} is asked for what changed.`);
    },
    onError,
  });
  const pause = useMutation({
    mutationFn: () => (paused ? resumeIntegration(id) : pauseIntegration(id)),
    onSuccess: take,
    onError,
  });
  const active = isSyncing(integration);
  const close = (isOpen: boolean): void => (isOpen ? undefined : setOpen(null));
  const { may } = useMay();
  const changes = may("integrations:write");
  return (
    <>
      {changes ? (
        <>
          <Button look="primary" onClick={() => sync.mutate()} disabled={active || sync.isPending}>
            <RefreshCw size={15} aria-hidden className={active ? "animate-spin" : ""} />{" "}
            {active ? "Syncing…" : "Sync now"}
          </Button>
          <Button onClick={() => pause.mutate()} disabled={pause.isPending}>
            {paused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />} {paused ? "Resume" : "Pause"}
          </Button>
        </>
      ) : null}
      <Button onClick={() => setOpen("test")}>
        <ShieldCheck size={15} aria-hidden /> Test
      </Button>
      {connector && changes ? (
        <Button onClick={() => setOpen("rotate")}>
          <KeyRound size={15} aria-hidden /> Rotate credential
        </Button>
      ) : null}
      {changes ? (
        <Button look="danger" onClick={() => setOpen("disconnect")}>
          <Unplug size={15} aria-hidden /> Disconnect
        </Button>
      ) : null}
      <TestConnection integration={integration} open={open === "test"} onOpenChange={close} />
      {connector ? (
        <RotateCredential
          integration={integration}
          connector={connector}
          open={open === "rotate"}
          onOpenChange={close}
        />
      ) : null}
      <Disconnect
        integration={integration}
        connector={connector}
        open={open === "disconnect"}
        onOpenChange={close}
        onDisconnected={() => {
          toast(`${name} is being disconnected: what it brought is taken out of the graph.`);
          void navigate({ to: "/integrations" });
        }}
      />
    </>
  );
}
