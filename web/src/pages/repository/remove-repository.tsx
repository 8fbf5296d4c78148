// Removing a repository: says what goes and what stays, and asks for its name.
import type { Repository } from "@opentrace/contract/repositories.ts";
import { useMutation } from "@tanstack/react-query";
import { removeRepository } from "../../api/actions.ts";
import { TypedConfirmation } from "../../ui/typed-confirmation.tsx";
import { count } from "../../ui/time-text.ts";
import { useTakeAnswer } from "./take-answer.ts";

interface Props {
  repository: Repository;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onRemoved: () => void;
}

export function RemoveRepository({ repository, open, onOpenChange, onRemoved }: Props) {
  const take = useTakeAnswer();
  const remove = useMutation({
    mutationFn: () => removeRepository(repository.id),
    onSuccess: (answer) => {
      take(answer);
      onOpenChange(false);
      onRemoved();
    },
  });
  const { nodes, edges } = repository.counts;
  return (
    <TypedConfirmation
      open={open}
      onOpenChange={(next) => (remove.reset(), onOpenChange(next))}
      title={`Remove ${repository.name}?`}
      word={repository.name}
      action="Remove from the graph"
      danger
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    >
      <div className="flex flex-col gap-2 text-muted">
        <p>
          <strong className="text-text">Goes:</strong> what this repository says, at most {count(nodes)} nodes and{" "}
          {count(edges)} edges
          {repository.hasToken ? ", its access token" : ""}, and its job history.
        </p>
        <p>
          <strong className="text-text">Stays:</strong> packages and people that other repositories name too, every
          other repository, and the Git repository itself.
        </p>
      </div>
    </TypedConfirmation>
  );
}
