// Users and invitations: who is in, with which role, and a link for the next one.
import { Role } from "@opentrace/contract/access.ts";
import type { CreatedUserLink, User } from "@opentrace/contract/users.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { changeUser, invite, people, resetLink, revokeInvitation } from "../../api/people.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Select } from "../../ui/field.tsx";
import { Card, Section } from "../../ui/page.tsx";
import { ErrorNote } from "../../ui/states.tsx";
import { WhenLoaded } from "../../ui/when-loaded.tsx";
import { Time } from "../../ui/time.tsx";

export function People() {
  const query = useQuery(people.all);
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<CreatedUserLink | null>(null);
  return (
    <Section
      title="People"
      aside={
        <Button small onClick={() => setInviting(true)}>
          <UserPlus size={14} aria-hidden /> Invite
        </Button>
      }
    >
      <Card className="divide-y divide-line">
        <WhenLoaded query={query} rows={3}>
          {(data) => data.items.map((user) => <Person key={user.id} user={user} onLink={setLink} />)}
        </WhenLoaded>
        <Invitations />
      </Card>
      <Dialog open={inviting} onOpenChange={setInviting} title="Invite somebody">
        <Invite
          onDone={(made) => {
            setInviting(false);
            setLink(made);
          }}
        />
      </Dialog>
      {link ? <LinkDialog link={link} onClose={() => setLink(null)} /> : null}
    </Section>
  );
}

function Person({ user, onLink }: { user: User; onLink: (link: CreatedUserLink) => void }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (body: { role?: Role; disabled?: boolean }) => changeUser(user.id, body),
    onSettled: () => client.invalidateQueries({ queryKey: people.all.queryKey }),
  });
  const reset = useMutation({ mutationFn: () => resetLink(user.id), onSuccess: onLink });
  const disabled = user.state === "disabled";
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex items-center gap-2">
          <span className="truncate font-medium">{user.name}</span>
          {disabled ? <Badge tone="neutral">disabled</Badge> : null}
        </p>
        <p className="truncate text-sm text-muted">
          {user.email} ·{" "}
          {user.last_seen_at ? (
            <>
              seen <Time at={user.last_seen_at} />
            </>
          ) : (
            "never seen"
          )}
        </p>
      </div>
      <Select
        label={`Role of ${user.name}`}
        hideLabel
        value={user.role}
        disabled={change.isPending}
        onChange={(event) => change.mutate({ role: Role.parse(event.target.value) })}
      >
        {Role.options.map((role) => (
          <option key={role} value={role}>
            {role}
          </option>
        ))}
      </Select>
      <Button
        small
        disabled={disabled || reset.isPending}
        onClick={() => reset.mutate()}
        aria-label={`New password for ${user.name}`}
      >
        New password
      </Button>
      <Button
        small
        look={disabled ? "plain" : "danger"}
        disabled={change.isPending}
        onClick={() => change.mutate({ disabled: !disabled })}
        aria-label={`${disabled ? "Enable" : "Disable"} ${user.name}`}
      >
        {disabled ? "Enable" : "Disable"}
      </Button>
      {(change.error ?? reset.error) ? (
        <div className="basis-full">
          <ErrorNote error={change.error ?? reset.error} />
        </div>
      ) : null}
    </div>
  );
}

function Invitations() {
  const client = useQueryClient();
  const { data } = useQuery(people.invitations);
  const revoke = useMutation({
    mutationFn: revokeInvitation,
    onSettled: () => client.invalidateQueries({ queryKey: people.invitations.queryKey }),
  });
  return data?.items.map((link) => (
    <div key={link.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
      <p className="min-w-0 flex-1 basis-56 truncate text-sm text-muted">
        {link.kind === "reset" ? "New password for" : "Invited:"} {link.email ?? "anybody with the link"} · {link.role}{" "}
        · until <Time at={link.expires_at} />
      </p>
      <Button
        small
        onClick={() => revoke.mutate(link.id)}
        aria-label={`Revoke the link for ${link.email ?? "anybody"}`}
      >
        Revoke
      </Button>
    </div>
  ));
}

function Invite({ onDone }: { onDone: (made: CreatedUserLink) => void }) {
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const make = useMutation({
    mutationFn: () => invite({ role, ...(email.trim() === "" ? {} : { email: email.trim() }) }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: people.invitations.queryKey });
      onDone(made);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label="E-mail"
        type="email"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        autoComplete="off"
        hint="The account will have this address. Leave it empty to let whoever has the link choose."
      />
      <Select label="Role" value={role} onChange={(event) => setRole(Role.parse(event.target.value))}>
        {Role.options.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </Select>
      {make.error ? <ErrorNote error={make.error} /> : null}
      <Button type="submit" look="primary" disabled={make.isPending}>
        Make the link
      </Button>
    </form>
  );
}

function LinkDialog({ link, onClose }: { link: CreatedUserLink; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={link.kind === "reset" ? "New password" : "Invitation"}
    >
      <p className="mb-3 text-muted">
        Hand this link on yourself. It opens once, until <Time at={link.expires_at} />, and is not shown again.
      </p>
      <p
        className="mb-4 rounded-md bg-sunken px-3 py-2.5 font-mono text-sm break-all select-all"
        data-testid="new-link"
      >
        {link.url}
      </p>
      <div className="flex justify-end gap-2">
        <CopyButton label="Copy link" text={link.url} />
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
