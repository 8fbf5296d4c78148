// The state of a repository in a word.
import type { Repository } from "@opentrace/contract/repositories.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { isActive } from "../add/job-progress.tsx";

const stateTones: Record<Repository["state"], Tone> = {
  new: "neutral",
  syncing: "accent",
  ready: "ok",
  failing: "bad",
};
const stateWords: Record<Repository["state"], string> = {
  new: "Not indexed",
  syncing: "Syncing",
  ready: "Ready",
  failing: "Failing",
};

export function RepositoryState({ repository }: { repository: Repository }) {
  const state = isActive(repository.job) ? "syncing" : repository.state;
  return (
    <Badge tone={stateTones[state]} dot>
      {stateWords[state]}
    </Badge>
  );
}
