// Identity providers: where people may sign in with OIDC, and which role that gives them.
import type { IdentityProvider } from "@opentrace/contract/users.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LogIn, Plus } from "lucide-react";
import { useState } from "react";
import { changeIdentityProvider, identityProviders, removeIdentityProvider } from "../../../api/identity-providers.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { CopyLine } from "../../../ui/copy-line.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../../ui/states.tsx";
import { TypedConfirmation } from "../../../ui/typed-confirmation.tsx";
import { ProviderForm } from "./provider-form.tsx";
import { ProviderTest } from "./provider-test.tsx";

export function SignInTab() {
  const { data, error, refetch } = useQuery(identityProviders);
  const [adding, setAdding] = useState(false);
  /** The one that was just added: its callback address has to be registered there next. */
  const [added, setAdded] = useState<string | null>(null);
  return (
    <Section
      title="Identity providers"
      aside={
        <Button small onClick={() => setAdding(true)}>
          <Plus size={14} aria-hidden /> Add provider
        </Button>
      }
    >
      <p className="max-w-2xl text-muted">
        People may sign in at your company’s provider (Okta, Entra ID, Google, Keycloak: anything with OpenID Connect)
        instead of with a password here. Their groups there give them their role, anew at every sign-in.
      </p>
      <Card>
        {error ? (
          <div className="p-3">
            <ErrorNote error={error} onRetry={() => void refetch()} />
          </div>
        ) : !data ? (
          <SkeletonRows rows={3} />
        ) : data.items.length === 0 ? (
          <EmptyState title="No identity provider" icon={<LogIn size={22} aria-hidden />}>
            <p>People sign in with e-mail and password.</p>
          </EmptyState>
        ) : (
          <ul aria-label="Identity providers" className="divide-y divide-line">
            {data.items.map((provider) => (
              <ProviderRow key={provider.id} provider={provider} fresh={provider.id === added} />
            ))}
          </ul>
        )}
      </Card>
      {adding ? (
        <ProviderForm
          provider={null}
          onClose={(id) => {
            setAdding(false);
            setAdded(id);
          }}
        />
      ) : null}
    </Section>
  );
}

const callbackOf = (id: string): string => `${location.origin}/api/v1/auth/sso/${id}/callback`;

function ProviderRow({ provider, fresh }: { provider: IdentityProvider; fresh: boolean }) {
  const { id, name, issuer, enabled, configured, has_secret, client_id } = provider;
  const client = useQueryClient();
  const [open, setOpen] = useState<"test" | "change" | "remove" | null>(null);
  const enable = useMutation({
    mutationFn: (next: boolean) => changeIdentityProvider(id, { enabled: next }),
    onSettled: () => client.invalidateQueries({ queryKey: identityProviders.queryKey }),
  });
  const remove = useMutation({
    mutationFn: () => removeIdentityProvider(id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: identityProviders.queryKey });
      setOpen(null);
    },
  });
  return (
    <li aria-label={name} className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
      <div className="flex min-w-0 flex-1 basis-72 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="min-w-0 font-medium wrap-anywhere">{name}</span>
          <Badge tone={enabled ? "ok" : "neutral"} dot>
            {enabled ? "on" : "off"}
          </Badge>
          {configured ? <Badge>from the server’s settings</Badge> : null}
        </p>
        <p className="text-sm wrap-anywhere text-muted">
          {issuer} · client <span className="font-mono">{client_id}</span> ·{" "}
          {has_secret ? "secret stored sealed" : "no secret"}
        </p>
        <p className="text-sm wrap-anywhere text-muted">{rolesText(provider)}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button small onClick={() => setOpen("test")} aria-label={`Test ${name}`}>
          Test
        </Button>
        {configured ? null : (
          <>
            <Button
              small
              disabled={enable.isPending}
              onClick={() => enable.mutate(!enabled)}
              aria-label={`${enabled ? "Switch off" : "Switch on"} ${name}`}
            >
              {enabled ? "Switch off" : "Switch on"}
            </Button>
            <Button small onClick={() => setOpen("change")} aria-label={`Change ${name}`}>
              Change
            </Button>
            <Button small look="danger" onClick={() => setOpen("remove")} aria-label={`Remove ${name}`}>
              Remove
            </Button>
          </>
        )}
      </div>
      <div className="basis-full">
        <CopyLine
          label={fresh ? `Now register this callback address at ${name}` : "Callback address, registered there"}
          text={callbackOf(id)}
        />
      </div>
      {enable.error ? (
        <div className="basis-full">
          <ErrorNote error={enable.error} />
        </div>
      ) : null}
      {open === "test" ? <ProviderTest provider={provider} onClose={() => setOpen(null)} /> : null}
      {open === "change" ? <ProviderForm provider={provider} onClose={() => setOpen(null)} /> : null}
      <TypedConfirmation
        open={open === "remove"}
        onOpenChange={(next) => setOpen(next ? "remove" : null)}
        title="Remove this identity provider?"
        word={name}
        action="Remove"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        <p className="text-muted">
          Nobody can sign in there any more. Accounts stay, and who is signed in stays so; those without a password need
          one from “People”.
        </p>
      </TypedConfirmation>
    </li>
  );
}

function rolesText({ role_of_group, default_role, groups_claim, auto_provision }: IdentityProvider): string {
  const groups = Object.entries(role_of_group).map(([group, role]) => `${group} → ${role}`);
  return [
    groups.length > 0 ? `By ${groups_claim}: ${groups.join(", ")}` : null,
    default_role === null ? "others don’t get in" : `${groups.length > 0 ? "others" : "everybody"} → ${default_role}`,
    auto_provision ? "accounts are made at the first sign-in" : "only those who have an account",
  ]
    .filter((part) => part !== null)
    .join("; ");
}
