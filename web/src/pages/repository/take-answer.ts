// What an action on a repository answered goes into the cache, so that the page shows it before the next event comes.
import { useQueryClient } from "@tanstack/react-query";
import type { RepositoryAndJob } from "../../api/shapes.ts";

export function useTakeAnswer(): (answer: RepositoryAndJob) => void {
  const client = useQueryClient();
  return ({ repository, job }) => {
    client.setQueryData(["repositories", repository.id], { ...repository, job: job ?? repository.job });
    void client.invalidateQueries({ queryKey: ["repositories"] });
  };
}
