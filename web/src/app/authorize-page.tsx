// An application wants to act for the person who is signed in: they allow it or not.
import { Authorization } from "@opentrace/contract/users.ts";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { z } from "zod";
import { call } from "../api/http.ts";
import { Button, buttonClasses } from "../ui/button.tsx";
import { usePageTitle } from "../ui/page.tsx";
import { ErrorNote } from "../ui/states.tsx";
import { EntryCard } from "./entry-card.tsx";

const Decided = z.object({ redirect_to: z.string() });

export function AuthorizePage() {
  usePageTitle("Allow an application");
  const [step] = useState(() => new URLSearchParams(location.search).get("step") ?? "");
  const at = `/auth/interactions/${encodeURIComponent(step)}`;
  const { data, error } = useQuery({
    queryKey: ["authorize", step],
    queryFn: ({ signal }) => call(`${at}/details`, Authorization, {}, signal),
    retry: false,
    staleTime: Infinity,
  });
  const decide = useMutation({
    mutationFn: (allow: boolean) =>
      call(`${at}/decision`, Decided, { method: "POST", body: { allow } }, new AbortController().signal),
    onSuccess: ({ redirect_to }) => location.assign(redirect_to),
  });
  if (error)
    return (
      <EntryCard title="Nothing to allow" lead={error.message}>
        <a href="/" className={buttonClasses()}>
          Go to OpenTrace
        </a>
      </EntryCard>
    );
  if (!data) return <EntryCard title="One moment…" />;
  return (
    <EntryCard
      title={`Allow ${data.application}?`}
      lead={`It will act as ${data.user.name} (${data.user.email}) and send you to ${data.goes_to}. The name is its own: nobody has checked it.`}
    >
      <p className="mb-2 text-sm font-medium">It asks for</p>
      <ul
        className="mb-5 max-h-48 list-disc overflow-auto pl-5 text-sm text-muted"
        tabIndex={0}
        aria-label="It asks for"
      >
        {data.scopes.length === 0 ? (
          <li>everything that you may do here</li>
        ) : (
          data.scopes.map((scope) => (
            <li key={scope} className="font-mono">
              {scope}
            </li>
          ))
        )}
      </ul>
      {decide.error ? <ErrorNote error={decide.error} /> : null}
      <div className="flex justify-end gap-2">
        <Button onClick={() => decide.mutate(false)} disabled={decide.isPending}>
          Don’t allow
        </Button>
        <Button look="primary" onClick={() => decide.mutate(true)} disabled={decide.isPending}>
          Allow
        </Button>
      </div>
    </EntryCard>
  );
}
