// Sign-in by API key, shown when the server answers 401.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, apiUrl, failure } from "../api/http.ts";
import { session } from "../api/session.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { errorMessage } from "../ui/states.tsx";

export function SignIn() {
  const client = useQueryClient();
  const [key, setKey] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      // The cheapest authenticated read: tells a wrong key from a right one before it is kept.
      const response = await fetch(apiUrl("/graph/stats"), { headers: { "x-api-key": key.trim() } });
      if (response.status === 401) throw await failure(response);
      session.signIn(key.trim());
      await client.invalidateQueries();
    } catch (cause) {
      setError(
        cause instanceof ApiError ? errorMessage(cause) : "The OpenTrace server does not answer. Is it still running?",
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="fixed inset-0 z-50 grid place-items-center bg-bg p-4">
      <main className="w-full max-w-sm rounded-lg border border-line bg-surface p-6 shadow-float">
        <img src="/icon.svg" alt="" width={28} height={28} className="mb-4" />
        <h1 className="mb-1 text-lg font-semibold">Sign in to OpenTrace</h1>
        <p className="mb-5 text-base text-muted">This server asks for an API key. An administrator can create one.</p>
        <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
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
      </main>
    </div>
  );
}
