// API keys: which there are, what uses them, and how one is made or revoked.
import type { ApiKey } from "@opentrace/contract/access.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { revokeKey } from "../../api/actions.ts";
import { keys } from "../../api/queries.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Time } from "../../ui/time.tsx";
import { TypedConfirmation } from "../../ui/typed-confirmation.tsx";
import { CreateKey } from "./create-key.tsx";
import { KeyUse } from "./key-use.tsx";
import { ListSection } from "./list-section.tsx";

const tones: Record<ApiKey["state"], Tone> = { active: "ok", expired: "warn", revoked: "neutral" };

export function ApiKeys() {
  const query = useQuery(keys);
  const [creating, setCreating] = useState(false);
  const [shown, setShown] = useState<ApiKey | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  return (
    <>
      <ListSection
        title="API keys"
        add={{ label: "New key", start: () => setCreating(true) }}
        lead={
          <>
            For the CLI, for AI assistants over MCP, and for your own programs: send one as{" "}
            <code className="font-mono text-sm">X-API-Key</code> or as a Bearer token.
          </>
        }
        query={query}
        itemsOf={(answer) => answer.keys}
        empty={{
          title: "No keys yet",
          icon: <KeyRound size={20} aria-hidden />,
          text: "On this machine none is needed; anything from elsewhere needs one.",
        }}
      >
        {(key) => (
          <li key={key.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
            <div className="min-w-0 flex-1 basis-56">
              <p className="flex items-center gap-2">
                <span className="truncate font-medium">{key.name}</span>
                <Badge tone={tones[key.state]} dot>
                  {key.state}
                </Badge>
              </p>
              <p className="truncate text-sm text-muted">
                <span className="font-mono">{key.prefix}…</span> · {key.scopes.join(", ")}
              </p>
            </div>
            <p className="text-sm text-muted">
              {key.last_used_at ? (
                <>
                  used <Time at={key.last_used_at} />
                </>
              ) : (
                "never used"
              )}
              {" · "}
              {key.expires_at ? (
                <>
                  expires <Time at={key.expires_at} />
                </>
              ) : (
                "never expires"
              )}
            </p>
            <Button small onClick={() => setShown(key)} aria-label={`Use of ${key.name}`}>
              Use
            </Button>
            <Button small look="danger" disabled={key.state === "revoked"} onClick={() => setRevoking(key)}>
              Revoke
            </Button>
          </li>
        )}
      </ListSection>
      <CreateKey open={creating} onOpenChange={setCreating} />
      {shown ? <KeyUse apiKey={shown} onClose={() => setShown(null)} /> : null}
      {revoking ? <Revoke apiKey={revoking} onDone={() => setRevoking(null)} /> : null}
    </>
  );
}

function Revoke({ apiKey, onDone }: { apiKey: ApiKey; onDone: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeKey(apiKey.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.queryKey });
      onDone();
    },
  });
  return (
    <TypedConfirmation
      open
      onOpenChange={(open) => open || onDone()}
      title="Revoke this key?"
      word={apiKey.name}
      action="Revoke"
      danger
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
    >
      <p className="text-muted">
        What uses {apiKey.prefix}… stops working at once. A revoked key cannot be brought back.
      </p>
    </TypedConfirmation>
  );
}
