// What a set-up link, an invitation or a link for a new password opens: choose a password, and be in.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import type { UserLink } from "@opentrace/contract/users.ts";
import { acceptLink, lookAtLink } from "../api/identity.ts";
import { session } from "../api/session.ts";
import { Button, buttonClasses } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { usePageTitle } from "../ui/page.tsx";
import { ErrorNote } from "../ui/states.tsx";
import { EntryCard } from "./entry-card.tsx";

const titles: Record<UserLink["kind"], string> = {
  setup: "Set up OpenTrace",
  invite: "Join OpenTrace",
  reset: "Choose a new password",
};

export function JoinPage() {
  const [token] = useState(() => location.hash.slice(1));
  useEffect(() => {
    // The link's secret has no business in the history.
    history.replaceState(history.state, "", location.pathname);
  }, []);
  const { data: link, error } = useQuery({
    queryKey: ["link", token],
    queryFn: ({ signal }) => lookAtLink(token, signal),
    retry: false,
    staleTime: Infinity,
  });
  usePageTitle(link ? titles[link.kind] : "Join OpenTrace");
  if (error)
    return (
      <EntryCard title="This link does not open" lead={error.message}>
        <a href="/" className={buttonClasses()}>
          Go to OpenTrace
        </a>
      </EntryCard>
    );
  if (!link) return <EntryCard title="One moment…" />;
  return (
    <EntryCard
      title={titles[link.kind]}
      lead={
        link.kind === "setup"
          ? "This makes the first account, an administrator's. Others you invite."
          : link.kind === "invite"
            ? `You are invited as ${link.role}.`
            : `For ${link.email}. You will be signed out everywhere else.`
      }
    >
      <Accept token={token} link={link} />
    </EntryCard>
  );
}

function Accept({ token, link }: { token: string; link: UserLink }) {
  const client = useQueryClient();
  const [email, setEmail] = useState(link.email ?? "");
  const [name, setName] = useState(link.name ?? "");
  const [password, setPassword] = useState("");
  const isNew = link.kind !== "reset";
  const accept = useMutation({
    mutationFn: () =>
      acceptLink({
        token,
        password,
        ...(isNew && link.email === null ? { email } : {}),
        ...(isNew && name.trim() !== "" ? { name: name.trim() } : {}),
      }),
    onSuccess: () => {
      session.begun();
      client.clear();
      // A fresh page: nothing that was refused before is left on it.
      location.assign("/");
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    accept.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {isNew ? (
        <>
          <Field
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            disabled={link.email !== null}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <Field
            label="Name"
            autoComplete="name"
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </>
      ) : null}
      <Field
        label="Password"
        type="password"
        autoComplete="new-password"
        minLength={12}
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        hint="At least 12 characters. Several words make a good one."
      />
      {accept.error ? <ErrorNote error={accept.error} /> : null}
      <Button type="submit" look="primary" disabled={accept.isPending || password.length < 12 || email.trim() === ""}>
        {accept.isPending ? "One moment…" : isNew ? "Make the account" : "Set the password"}
      </Button>
    </form>
  );
}
