// One's own account: the browsers one is signed in with, and the password.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { changePassword, endSession, mySessions } from "../../api/people.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Card, Section } from "../../ui/page.tsx";
import { ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";

export function MyAccount() {
  return (
    <Section title="My account">
      <Sessions />
      <Password />
    </Section>
  );
}

function Sessions() {
  const client = useQueryClient();
  const { data, error } = useQuery(mySessions);
  const end = useMutation({
    mutationFn: endSession,
    onSettled: () => client.invalidateQueries({ queryKey: mySessions.queryKey }),
  });
  if (error) return <ErrorNote error={error} />;
  return (
    <Card className="divide-y divide-line">
      {data ? (
        data.items.map((session) => (
          <div key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
            <div className="min-w-0 flex-1 basis-56">
              <p className="flex items-center gap-2">
                <span className="truncate">{session.client ?? "Unknown browser"}</span>
                {session.current ? (
                  <Badge tone="ok" dot>
                    this one
                  </Badge>
                ) : null}
              </p>
              <p className="text-sm text-muted">
                {session.address} · seen <Time at={session.last_seen_at} /> · ends <Time at={session.expires_at} />
              </p>
            </div>
            {session.current ? null : (
              <Button small onClick={() => end.mutate(session.id)}>
                Sign out there
              </Button>
            )}
          </div>
        ))
      ) : (
        <SkeletonRows rows={2} />
      )}
    </Card>
  );
}

function Password() {
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword({ current_password: current, new_password: next }),
    onSuccess: async () => {
      setCurrent("");
      setNext("");
      await client.invalidateQueries({ queryKey: mySessions.queryKey });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Card className="p-4">
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3" aria-label="Change my password">
        <Field
          label="Current password"
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <Field
          label="New password"
          type="password"
          autoComplete="new-password"
          minLength={12}
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
        <Button type="submit" disabled={change.isPending || current === "" || next.length < 12}>
          Change password
        </Button>
        {change.error ? <ErrorNote error={change.error} /> : null}
        {change.isSuccess ? (
          <p role="status" className="text-sm text-muted">
            Changed. You are signed out everywhere else.
          </p>
        ) : null}
      </form>
    </Card>
  );
}
