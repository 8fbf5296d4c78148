// A group with a bit of everything, for tests: `acme` with the subgroup `platform` and the project `acme/platform/shop`.
import { level } from "./fake-access.ts";
import type { FakeGitLab } from "./fake-gitlab.ts";
import {
  type FakeProject,
  addDeployment,
  addEnvironment,
  addGroup,
  addIssue,
  addMergeRequest,
  addPipeline,
  addProject,
  randomSha,
  vendorTime,
} from "./fake-state.ts";

const DIFF = [
  "@@ -1,6 +1,7 @@",
  " import math",
  " ",
  " def charge(amount):",
  "-    return amount",
  "+    fee = math.ceil(amount / 100)",
  "+    return amount + fee",
  " ",
  " def refund(amount):",
  "",
].join("\n");

export function addSampleGroup({ state, access }: Pick<FakeGitLab, "state" | "access">) {
  const acme = addGroup(state, "acme", { ada: level.owner, grace: level.developer });
  const platform = addGroup(state, "acme/platform", { linus: level.maintainer });
  const shop = addProject(state, "acme/platform/shop", { description: "The shop", topics: ["payments"] });
  const docs = addProject(state, "acme/docs", { visibility: "public" });
  const issue = addIssue(state, shop, {
    title: "Charges are rounded down",
    author: "grace",
    labels: ["bug"],
    assignees: ["ada"],
  });
  const mergeRequest = addMergeRequest(state, shop, {
    title: "Round fees up",
    description: "Closes #1 and acme/docs#4. See #7.",
    author: "ada",
    reviewers: ["grace", "linus"],
    approvedBy: [{ user: "grace", at: vendorTime(state.now()) }],
    diffs: [
      { oldPath: "src/pay.py", newPath: "src/pay.py", diff: DIFF, is: "modified" },
      { oldPath: "logo.png", newPath: "logo.png", diff: "", is: "new" },
    ],
  });
  addDelivery(state, shop);
  const { value: token } = access.mintToken("ada", ["read_api", "read_repository"]);
  return { acme, platform, shop, docs, issue, mergeRequest, token };
}

function addDelivery(state: FakeGitLab["state"], shop: FakeProject): void {
  const production = addEnvironment(state, shop, "production", {
    url: "https://shop.acme.example",
    tier: "production",
  });
  const sha = randomSha();
  const pipeline = addPipeline(state, shop, {
    sha,
    jobs: [
      { name: "unit", stage: "test" },
      { name: "lint", stage: "test", status: "failed", allowFailure: true },
      { name: "deploy", stage: "deploy", duration: 30 },
    ],
  });
  const job = pipeline.jobs.at(-1);
  addDeployment(state, shop, production, { sha, by: job ? { pipeline, job } : null });
  shop.releases.push({ tag: "v1.0.0", name: "First", author: "ada", sha, releasedAt: vendorTime(state.now()) });
}
