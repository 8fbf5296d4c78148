// Settings: API keys, appearance, one's own account; for administrators people, where they sign in, models and the audit log.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { revokeKey } from "../../api/actions.ts";
import { identity } from "../../api/identity.ts";
import { keys } from "../../api/queries.ts";
import type { ApiKey, Permission } from "@opentrace/contract/access.ts";
import { chooseTheme, themes, useTheme } from "../../app/theme.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card, PageFrame, Section, usePageTitle } from "../../ui/page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { Segments } from "../../ui/segments.tsx";
import { TypedConfirmation } from "../../ui/typed-confirmation.tsx";
import { AuditLog } from "./audit-log.tsx";
import { CreateKey } from "./create-key.tsx";
import { KeyUse } from "./key-use.tsx";
import { ModelsTab } from "./models/models-tab.tsx";
import { MyAccount } from "./my-account.tsx";
import { People } from "./people.tsx";
import { SignInTab } from "./sign-in/sign-in-tab.tsx";

export function SettingsPage() {
  usePageTitle("Settings");
  const { data: me } = useQuery(identity);
  const tabs = tabsOf(me?.permissions ?? []);
  const asked = useSearch({ from: "/settings" })["tab"];
  const navigate = useNavigate();
  const tab = tabs.find(({ value }) => value === asked)?.value ?? "general";
  const choose =
    tabs.length > 1 ? (
      <Segments
        label="Part of the settings"
        value={tab}
        options={tabs}
        onChange={(next) => void navigate({ to: "/settings", search: next === "general" ? {} : { tab: next } })}
      />
    ) : null;
  if (tab !== "general")
    return (
      <PageFrame title="Settings" actions={choose}>
        {tab === "people" ? (
          <People />
        ) : tab === "sign-in" ? (
          <SignInTab />
        ) : tab === "models" ? (
          <ModelsTab />
        ) : (
          <AuditLog />
        )}
      </PageFrame>
    );
  return (
    <PageFrame title="Settings" actions={choose}>
      {me?.kind === "user" ? <MyAccount /> : null}
      {me === undefined || me.permissions.includes("keys:manage") ? <Keys /> : null}
      <Section title="Appearance">
        <Card className="p-4">
          <Appearance />
        </Card>
      </Section>
    </PageFrame>
  );
}

function tabsOf(permissions: readonly Permission[]) {
  const may = (permission: Permission): boolean => permissions.includes(permission);
  return [
    { value: "general", label: "General" } as const,
    ...(may("users:manage") ? [{ value: "people", label: "People" } as const] : []),
    ...(may("users:manage") ? [{ value: "sign-in", label: "Sign-in" } as const] : []),
    ...(may("settings:manage") ? [{ value: "models", label: "Models" } as const] : []),
    ...(may("audit:read") ? [{ value: "audit", label: "Audit log" } as const] : []),
  ];
}

function Appearance() {
  const theme = useTheme();
  return (
    <fieldset className="flex flex-wrap gap-5">
      <legend className="mb-2 text-sm text-muted">Theme</legend>
      {themes.map((each) => (
        <label key={each} className="inline-flex cursor-pointer items-center gap-2 capitalize">
          <input
            type="radio"
            name="theme"
            checked={theme === each}
            onChange={() => chooseTheme(each)}
            className="size-4 accent-(--accent)"
          />
          {each}
        </label>
      ))}
    </fieldset>
  );
}

const tones: Record<ApiKey["state"], Tone> = { active: "ok", expired: "warn", revoked: "neutral" };

function Keys() {
  const { data, error, refetch } = useQuery(keys);
  const [creating, setCreating] = useState(false);
  const [shown, setShown] = useState<ApiKey | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  return (
    <Section
      title="API keys"
      aside={
        <Button small onClick={() => setCreating(true)}>
          <Plus size={14} aria-hidden /> New key
        </Button>
      }
    >
      <p className="text-muted">
        For the CLI, for AI assistants over MCP, and for your own programs: send one as{" "}
        <code className="font-mono text-sm">X-API-Key</code> or as a Bearer token.
      </p>
      <Card className="divide-y divide-line">
        {error ? (
          <div className="p-3">
            <ErrorNote error={error} onRetry={() => void refetch()} />
          </div>
        ) : !data ? (
          <SkeletonRows rows={3} />
        ) : data.keys.length === 0 ? (
          <EmptyState title="No keys yet" icon={<KeyRound size={20} aria-hidden />}>
            On this machine none is needed; anything from elsewhere needs one.
          </EmptyState>
        ) : (
          data.keys.map((key) => (
            <div key={key.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
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
            </div>
          ))
        )}
      </Card>
      <CreateKey open={creating} onOpenChange={setCreating} />
      {shown ? <KeyUse apiKey={shown} onClose={() => setShown(null)} /> : null}
      {revoking ? <Revoke apiKey={revoking} onDone={() => setRevoking(null)} /> : null}
    </Section>
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
