// Sign-in, shown when the server answers 401: with a password, at an identity provider, or by API key.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, apiUrl, failure } from "../api/http.ts";
import { signIn, signInMethods } from "../api/identity.ts";
import { session } from "../api/session.ts";
import { Button, buttonClasses } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { errorMessage } from "../ui/states.tsx";
import { EntryCard } from "./entry-card.tsx";

export function SignIn() {
  const { data: methods } = useQuery(signInMethods);
  const [byKey, setByKey] = useState(false);
  if (byKey)
    return (
      <EntryCard title="Sign in to OpenTrace" lead="With an API key, as programs do.">
        <ByKey />
        <Other onClick={() => setByKey(false)}>Use a password</Other>
      </EntryCard>
    );
  return (
    <EntryCard
      title="Sign in to OpenTrace"
      lead={
        methods?.set_up_needed
          ? "Nobody has an account here yet. Open the set-up link that the server printed in its terminal, or make an account there with: opentrace users create"
          : "With the account that you were invited to."
      }
    >
      <ByPassword />
      {methods && methods.providers.length > 0 ? (
        <ul className="mt-4 flex flex-col gap-2 border-t border-line pt-4">
          {methods.providers.map(({ id, name, url }) => (
            <li key={id}>
              <a className={`${buttonClasses()} w-full`} href={withReturn(url)}>
                Continue with {name}
              </a>
            </li>
          ))}
        </ul>
      ) : null}
      <Other onClick={() => setByKey(true)}>Use an API key</Other>
    </EntryCard>
  );
}

/** Where the browser comes back to. */
const withReturn = (url: string): string =>
  `${url}?return_to=${encodeURIComponent(location.pathname + location.search)}`;

function Other({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <Button look="quiet" small className="mt-4 w-full" onClick={onClick}>
      {children}
    </Button>
  );
}

const wordsOf = (cause: unknown): string =>
  cause instanceof ApiError ? errorMessage(cause) : "The OpenTrace server does not answer. Is it still running?";

/** One form's sending: `send` throws what went wrong. */
function useSending(send: () => Promise<void>) {
  const client = useQueryClient();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await send();
      await client.invalidateQueries();
    } catch (cause) {
      setError(wordsOf(cause));
    } finally {
      setBusy(false);
    }
  };
  return { error, busy, onSubmit: (event: FormEvent) => void submit(event) };
}

function ByPassword() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { error, busy, onSubmit } = useSending(async () => {
    await signIn(email, password);
    session.begun();
  });
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <Field
        label="E-mail"
        type="email"
        autoComplete="username"
        autoFocus
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Field
        label="Password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={error}
      />
      <Button type="submit" look="primary" disabled={busy || email.trim() === "" || password === ""}>
        {busy ? "Checking…" : "Sign in"}
      </Button>
    </form>
  );
}

function ByKey() {
  const [key, setKey] = useState("");
  const { error, busy, onSubmit } = useSending(async () => {
    // Tells a wrong key from a right one before it is kept.
    const response = await fetch(apiUrl("/auth/verify"), { headers: { "x-api-key": key.trim() } });
    if (!response.ok) throw await failure(response);
    session.signIn(key.trim());
  });
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <Field
        label="API key"
        type="password"
        autoComplete="off"
        autoFocus
        placeholder="otk_…"
        value={key}
        onChange={(event) => setKey(event.target.value)}
        error={error}
        hint="Kept in this tab only, until you close it."
      />
      <Button type="submit" look="primary" disabled={busy || key.trim() === ""}>
        {busy ? "Checking…" : "Sign in"}
      </Button>
    </form>
  );
}
