import { expect, test } from "vitest";
import type { Job } from "@opentrace/contract/repositories.ts";
import { commitsShown } from "./commits-shown.ts";

const job = (minute: number, part: Partial<Job>): Job => {
  const at = new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
  return {
    id: `job_${minute}`,
    kind: "repository.index",
    resource: "repo_1",
    state: "succeeded",
    progress: { phase: "done", filesDone: 0, filesTotal: 0, nodes: 0, edges: 0, etaSeconds: null },
    error: null,
    result: null,
    attempts: 1,
    createdAt: at,
    startedAt: at,
    finishedAt: at,
    ...part,
  };
};
const index = (minute: number, commit: string, branch = "main"): Job => job(minute, { result: { commit, branch } });

test("each commit was shown from the sync that brought it until the one that replaced it", () => {
  const shown = commitsShown([index(9, "b"), index(5, "a"), index(2, "a"), index(0, "a")]);
  expect(
    shown.map(({ commit, since, until, checks }) => [commit, since.slice(14, 16), until?.slice(14, 16), checks]),
  ).toEqual([
    ["b", "09", undefined, 0],
    ["a", "00", "09", 2],
  ]);
});

test("a failed, cancelled or running job showed nothing, and the same commit on another branch is a change", () => {
  const shown = commitsShown([
    job(9, { state: "failed", error: { code: "internal", message: "no" } }),
    job(8, { kind: "repository.remove" }),
    job(7, { state: "running", finishedAt: null }),
    index(3, "a", "next"),
    index(1, "a"),
  ]);
  expect(shown.map(({ commit, branch }) => [commit, branch])).toEqual([
    ["a", "next"],
    ["a", "main"],
  ]);
});
