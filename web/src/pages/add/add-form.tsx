// One field: an absolute path or a Git URL. What the server refuses is shown at the field it concerns.
import type { AddRepository } from "@opentrace/contract/repositories.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowRight, ChevronRight } from "lucide-react";
import { type FormEvent, useState } from "react";
import { addRepository } from "../../api/actions.ts";
import { ApiError } from "../../api/http.ts";
import { repositories } from "../../api/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { addSearch } from "./url.ts";
import { fieldOfFailure } from "./field-of-failure.ts";
import { errorMessage } from "../../ui/states.tsx";

const example = "https://github.com/pallets/click";

export function AddForm() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [source, setSource] = useState("");
  const [branch, setBranch] = useState("");
  const [token, setToken] = useState("");
  const [more, setMore] = useState(false);
  const add = useMutation({
    mutationFn: addRepository,
    onSuccess: async ({ repository }) => {
      client.setQueryData(["repositories", repository.id], repository);
      void client.invalidateQueries({ queryKey: repositories.all.queryKey });
      await navigate({ to: "/add", search: addSearch(repository.id) });
    },
    onError: (error) => {
      if (fieldOfFailure(error) !== "source") setMore(true);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const body: AddRepository = { source: source.trim() };
    if (branch.trim()) body.branch = branch.trim();
    if (token) body.token = token;
    add.mutate(body);
  };
  const field = add.error ? fieldOfFailure(add.error) : null;
  const at = (name: string): string | null => (field === name ? errorMessage(add.error) : null);
  const known =
    add.error instanceof ApiError && typeof add.error.details.repositoryId === "string"
      ? add.error.details.repositoryId
      : null;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <Field
        label="Repository"
        name="source"
        value={source}
        onChange={(event) => (setSource(event.target.value), add.reset())}
        placeholder="/srv/git/shop or https://github.com/acme/shop"
        autoComplete="off"
        spellCheck={false}
        autoCapitalize="none"
        error={at("source")}
        className="[&_input]:h-11 [&_input]:text-lg"
        hint={
          <>
            An absolute path on the server’s machine, or a Git URL. For example{" "}
            <button
              type="button"
              className="rounded-sm font-mono text-accent-text underline underline-offset-2"
              onClick={() => (setSource(example), add.reset())}
            >
              {example}
            </button>
          </>
        }
      />
      <div>
        <button
          type="button"
          aria-expanded={more}
          onClick={() => setMore(!more)}
          className="inline-flex items-center gap-1 rounded-sm text-sm text-muted hover:text-text"
        >
          <ChevronRight size={14} aria-hidden className={more ? "rotate-90" : ""} />
          Branch or private repository
        </button>
        {more ? (
          <div className="mt-3 grid gap-4 sm:grid-cols-2">
            <Field
              label="Branch"
              name="branch"
              value={branch}
              onChange={(event) => (setBranch(event.target.value), add.reset())}
              placeholder="the default branch"
              autoComplete="off"
              spellCheck={false}
              error={at("branch")}
            />
            <Field
              label="Access token"
              name="token"
              type="password"
              value={token}
              onChange={(event) => (setToken(event.target.value), add.reset())}
              autoComplete="off"
              error={at("token")}
              hint="With read access. Sealed on the server, never shown again."
            />
          </div>
        ) : null}
      </div>
      {known === null ? null : (
        <p>
          <Link to="/repositories/$id" params={{ id: known }} className="text-accent-text underline underline-offset-2">
            Open the one that is here
          </Link>
        </p>
      )}
      <div className="flex items-center gap-3">
        <Button type="submit" look="primary" disabled={source.trim() === "" || add.isPending}>
          {add.isPending ? "Looking at it…" : "Index this repository"}
          <ArrowRight size={15} aria-hidden />
        </Button>
      </div>
    </form>
  );
}
