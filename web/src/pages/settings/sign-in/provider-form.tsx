// Adds an identity provider, or changes one: where it is, how this server is known there, and which groups get which role.
import type { Role } from "@opentrace/contract/access.ts";
import type { IdentityProvider } from "@opentrace/contract/users.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addIdentityProvider, changeIdentityProvider, identityProviders } from "../../../api/identity-providers.ts";
import { refusedFields } from "../../../api/refused-fields.ts";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, SelectField } from "../../../ui/field.tsx";
import { Form } from "../../../ui/form.tsx";
import { type GroupRole, GroupRoles, RoleOptions, roleOf } from "./group-roles.tsx";

interface Props {
  provider: IdentityProvider | null;
  /** With the id of what was added or changed; null when it was given up. */
  onClose: (id: string | null) => void;
}

export function ProviderForm({ provider, onClose }: Props) {
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose(null)}
      title={provider ? `Change ${provider.name}` : "Add an identity provider"}
      description="It has to speak OpenID Connect. Register OpenTrace there as a web application first; its callback address is shown when this is saved."
      wide
    >
      <Body provider={provider} onClose={onClose} />
    </Dialog>
  );
}

function Body({ provider, onClose }: Props) {
  const client = useQueryClient();
  const [name, setName] = useState(provider?.name ?? "");
  const [issuer, setIssuer] = useState(provider?.issuer ?? "");
  const [clientId, setClientId] = useState(provider?.client_id ?? "");
  const [secret, setSecret] = useState("");
  const [scopes, setScopes] = useState(provider?.scopes ?? "openid profile email");
  const [claim, setClaim] = useState(provider?.groups_claim ?? "groups");
  const [groups, setGroups] = useState<GroupRole[]>(
    Object.entries(provider?.role_of_group ?? {}).map(([group, role]) => ({ group, role })),
  );
  const [others, setOthers] = useState<Role | null>(provider ? provider.default_role : "viewer");
  const [provision, setProvision] = useState(provider?.auto_provision ?? true);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const save = useMutation({
    mutationFn: () => {
      const said = {
        name: name.trim(),
        issuer: issuer.trim(),
        client_id: clientId.trim(),
        scopes: scopes.trim(),
        groups_claim: claim.trim() || "groups",
        role_of_group: Object.fromEntries(
          groups.filter(({ group }) => group.trim() !== "").map(({ group, role }) => [group.trim(), role]),
        ),
        default_role: others,
        auto_provision: provision,
        ...(secret === "" ? {} : { client_secret: secret }),
      };
      return provider === null ? addIdentityProvider(said) : changeIdentityProvider(provider.id, said);
    },
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: identityProviders.queryKey });
      onClose(id);
    },
  });
  const submit = (): void => {
    const moved = provider !== null && provider.has_secret && !sameAddress(issuer.trim(), provider.issuer);
    const found = {
      ...(name.trim() === "" ? { name: "It needs a name: the sign-in page shows it." } : {}),
      ...(/^https?:\/\/\S+$/.test(issuer.trim()) ? {} : { issuer: "It needs an address that begins with https://." }),
      ...(clientId.trim() === "" ? { client_id: "The provider gives one when OpenTrace is registered there." } : {}),
      ...(moved && secret === ""
        ? {
            client_secret: "Give the secret again: it is sent to no other provider than the one that it was given for.",
          }
        : {}),
    };
    setProblems(found);
    if (Object.keys(found).length === 0) save.mutate();
  };
  const clear = (): void => {
    setProblems({});
    save.reset();
  };
  const refused: Record<string, string> = { ...refusedFields(save.error), ...problems };
  return (
    <Form
      label={provider ? "Change the identity provider" : "Add an identity provider"}
      action={provider ? "Save" : "Add"}
      busy={save.isPending}
      error={Object.keys(refused).length > 0 ? null : save.error}
      onSubmit={submit}
      onCancel={() => onClose(null)}
    >
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <Field
          label="Name"
          value={name}
          onChange={(event) => (setName(event.target.value), clear())}
          error={refused.name ?? null}
          maxLength={100}
          placeholder="As the sign-in page shows it"
          autoFocus
          autoComplete="off"
        />
        <Field
          label="Issuer"
          type="url"
          value={issuer}
          onChange={(event) => (setIssuer(event.target.value), clear())}
          error={refused.issuer ?? null}
          maxLength={500}
          placeholder="https://login.example.com"
          autoComplete="off"
          spellCheck={false}
        />
        <Field
          label="Client ID"
          value={clientId}
          onChange={(event) => (setClientId(event.target.value), clear())}
          error={refused.client_id ?? null}
          maxLength={300}
          autoComplete="off"
          spellCheck={false}
        />
        <Field
          label="Client secret"
          type="password"
          value={secret}
          onChange={(event) => (setSecret(event.target.value), clear())}
          error={refused.client_secret ?? null}
          maxLength={1000}
          placeholder={provider?.has_secret ? "Leave empty to keep it" : "If it gives one"}
          autoComplete="new-password"
          spellCheck={false}
          hint="Stored sealed, never shown again."
        />
      </div>
      <fieldset className="flex flex-col gap-4 rounded-md border border-line p-3">
        <legend className="px-1 text-sm text-muted">Who gets in, and as what</legend>
        <GroupRoles groups={groups} onChange={(next) => (setGroups(next), clear())} />
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <SelectField
            label={groups.length > 0 ? "Everybody else" : "Everybody"}
            value={others ?? ""}
            onChange={(event) => (setOthers(roleOf(event.target.value)), clear())}
          >
            <option value="">does not get in</option>
            <RoleOptions />
          </SelectField>
          <Field
            label="Claim with the groups"
            value={claim}
            onChange={(event) => (setClaim(event.target.value), clear())}
            error={refused.groups_claim ?? null}
            maxLength={100}
            autoComplete="off"
            spellCheck={false}
          />
        </div>
        <label className="inline-flex items-start gap-2">
          <input
            type="checkbox"
            checked={provision}
            onChange={(event) => (setProvision(event.target.checked), clear())}
            className="mt-1 size-3.5 shrink-0 accent-(--accent)"
          />
          <span>Make an account for who comes the first time</span>
        </label>
      </fieldset>
      <Field
        label="Scopes"
        value={scopes}
        onChange={(event) => (setScopes(event.target.value), clear())}
        error={refused.scopes ?? null}
        maxLength={500}
        autoComplete="off"
        spellCheck={false}
        hint="Some providers tell groups only when a scope asks for them."
      />
    </Form>
  );
}

/** "https://login.example.com" and "https://login.example.com/" are one. */
const sameAddress = (a: string, b: string): boolean =>
  a === b || (URL.canParse(a) && URL.canParse(b) && new URL(a).href === new URL(b).href);
