// Changing the branch: the new branch's facts replace the old ones.
import type { Repository } from "@opentrace/contract/repositories.ts";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { changeBranch } from "../../api/actions.ts";
import { repositories } from "../../api/queries.ts";
import { Field } from "../../ui/field.tsx";
import { TypedConfirmation } from "../../ui/typed-confirmation.tsx";
import { count } from "../../ui/time-text.ts";
import { useTakeAnswer } from "./take-answer.ts";

export function ChangeBranch({
  repository,
  open,
  onOpenChange,
}: {
  repository: Repository;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const take = useTakeAnswer();
  const listId = useId();
  const { data } = useQuery({ ...repositories.branches(repository.id), enabled: open });
  const [branch, setBranch] = useState("");
  const change = useMutation({
    mutationFn: () => changeBranch(repository.id, branch.trim()),
    onSuccess: (answer) => {
      take(answer);
      onOpenChange(false);
    },
  });
  const now = repository.branch ?? repository.defaultBranch ?? "the default branch";
  return (
    <TypedConfirmation
      open={open}
      onOpenChange={(next) => (change.reset(), onOpenChange(next))}
      title="Change branch"
      word={repository.name}
      action="Change branch"
      ready={branch.trim() !== "" && branch.trim() !== now}
      busy={change.isPending}
      error={change.error}
      onConfirm={() => change.mutate()}
    >
      <p className="text-muted">
        The graph now shows <strong className="text-text">{now}</strong>. Its {count(repository.counts.nodes)} nodes and{" "}
        {count(repository.counts.edges)} edges give way to those of the branch you choose; what both have in common
        stays.
      </p>
      <Field
        label="Branch"
        value={branch}
        onChange={(event) => setBranch(event.target.value)}
        list={listId}
        placeholder={data ? `one of ${data.branches.length}` : "name of a branch"}
        autoComplete="off"
        spellCheck={false}
      />
      <datalist id={listId}>
        {data?.branches.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </TypedConfirmation>
  );
}
