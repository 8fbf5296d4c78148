// Identity providers: where people may sign in with OIDC, and which role that gives them.
import type { IdentityProvider } from "@opentrace/contract/users.ts";
import { useQuery } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { useState } from "react";
import { changeIdentityProvider, identityProviders, removeIdentityProvider } from "../../../api/identity-providers.ts";
import { Badge } from "../../../ui/badge.tsx";
import { CopyLine } from "../../../ui/copy-line.tsx";
import { ListSection } from "../list-section.tsx";
import { ProviderItem } from "../provider-item.tsx";
import { IdentityProviderTest } from "./identity-provider-test.tsx";
import { ProviderForm } from "./provider-form.tsx";

export function SignInTab() {
  const query = useQuery(identityProviders);
  const [adding, setAdding] = useState(false);
  /** The one that was just added: its callback address has to be registered there next. */
  const [added, setAdded] = useState<string | null>(null);
  return (
    <>
      <ListSection
        title="Identity providers"
        add={{ label: "Add provider", start: () => setAdding(true) }}
        lead="People may sign in at your company’s provider (Okta, Entra ID, Google, Keycloak: anything with OpenID Connect) instead of with a password here. Their groups there give them their role, anew at every sign-in."
        query={query}
        itemsOf={({ items }) => items}
        empty={{
          title: "No identity provider",
          icon: <LogIn size={22} aria-hidden />,
          text: "People sign in with e-mail and password.",
        }}
      >
        {(provider) => <ProviderRow key={provider.id} provider={provider} fresh={provider.id === added} />}
      </ListSection>
      {adding ? (
        <ProviderForm
          provider={null}
          onClose={(id) => {
            setAdding(false);
            setAdded(id);
          }}
        />
      ) : null}
    </>
  );
}

const callbackOf = (id: string): string => `${location.origin}/api/v1/auth/sso/${id}/callback`;

function ProviderRow({ provider, fresh }: { provider: IdentityProvider; fresh: boolean }) {
  const { id, name, issuer, enabled, configured, has_secret, client_id } = provider;
  return (
    <ProviderItem
      name={name}
      enabled={enabled}
      fixed={configured}
      state={
        <Badge tone={enabled ? "ok" : "neutral"} dot>
          {enabled ? "on" : "off"}
        </Badge>
      }
      switching={{
        label: enabled ? "Switch off" : "Switch on",
        described: `${enabled ? "Switch off" : "Switch on"} ${name}`,
        run: (next) => changeIdentityProvider(id, { enabled: next }),
      }}
      removal={{
        title: "Remove this identity provider?",
        consequence:
          "Nobody can sign in there any more. Accounts stay, and who is signed in stays so; those without a password need one from “People”.",
        run: () => removeIdentityProvider(id),
      }}
      queryKey={identityProviders.queryKey}
      renderTest={(close) => <IdentityProviderTest provider={provider} onClose={close} />}
      renderChange={(close) => <ProviderForm provider={provider} onClose={close} />}
      below={
        <CopyLine
          label={fresh ? `Now register this callback address at ${name}` : "Callback address, registered there"}
          text={callbackOf(id)}
        />
      }
    >
      <p className="text-sm wrap-anywhere text-muted">
        {issuer} · client <span className="font-mono">{client_id}</span> ·{" "}
        {has_secret ? "secret stored sealed" : "no secret"}
      </p>
      <p className="text-sm wrap-anywhere text-muted">{rolesText(provider)}</p>
    </ProviderItem>
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
