// An organization with a bit of everything, for tests: `acme` with the repository `acme/shop`.
import type { FakeGitHub } from "./fake-github.ts";
import { addIssue, addPull, addRepository, type FakeRepository, randomSha, vendorTime } from "./fake-state.ts";

const PATCH = [
  "@@ -1,6 +1,7 @@",
  " import math",
  " ",
  " def charge(amount):",
  "-    return amount",
  "+    fee = math.ceil(amount / 100)",
  "+    return amount + fee",
  " ",
  " def refund(amount):",
].join("\n");

export function addSampleOrg({ state, access }: Pick<FakeGitHub, "state" | "access">) {
  const shop = addRepository(state, "acme/shop", {
    description: "The shop",
    topics: ["payments"],
    files: new Map([
      ["src/pay.py", "import math\n"],
      ["src/api/orders.py", "import pay\n"],
      ["docs/guide.md", "# Guide\n"],
      [".github/CODEOWNERS", "* @acme/platform\n/src/ @acme/payments @ada\n/docs/\n"],
      [".github/workflows/ci.yml", "on: push\n"],
    ]),
  });
  const docs = addRepository(state, "acme/docs", { private: false });
  state.members.set("acme", ["ada", "grace", "octocat"]);
  state.teams.push(
    {
      id: state.id(),
      org: "acme",
      slug: "platform",
      name: "Platform",
      description: "Runs it",
      parent: null,
      members: ["grace"],
    },
    {
      id: state.id(),
      org: "acme",
      slug: "payments",
      name: "Payments",
      description: null,
      parent: "platform",
      members: ["ada", "octocat"],
    },
  );
  const issue = addIssue(state, shop, {
    title: "Charges are rounded down",
    body: "Half a cent is lost with each of them.",
    author: "grace",
    labels: ["bug"],
    assignees: ["ada"],
  });
  const pull = addPull(state, shop, {
    title: "Round fees up",
    body: "Fixes #1. See also acme/docs#4.",
    author: "ada",
    pull: {
      files: [
        { path: "src/pay.py", status: "modified", additions: 2, deletions: 1, patch: PATCH },
        { path: "logo.png", status: "added", additions: 0, deletions: 0 },
      ],
      reviews: [
        { id: state.id(), author: "grace", state: "APPROVED", submittedAt: vendorTime(state.now()), body: "Good" },
      ],
      requestedReviewers: ["octocat"],
    },
  });
  addDelivery(state, shop, pull.pull.headSha);
  const app = access.registerApp({ owner: "acme" });
  const installation = access.install(app, "acme");
  return { shop, docs, issue, pull, app, installation };
}

function addDelivery(state: FakeGitHub["state"], shop: FakeRepository, sha: string): void {
  const at = vendorTime(state.now());
  const workflow = { id: state.id(), name: "CI", path: ".github/workflows/ci.yml" };
  shop.workflows.push(workflow);
  const run = {
    id: state.id(),
    workflowId: workflow.id,
    number: 1,
    branch: "main",
    sha,
    event: "push",
    status: "completed" as const,
    conclusion: "success" as const,
    actor: "ada",
    createdAt: at,
    updatedAt: at,
  };
  shop.runs.push(run);
  shop.releases.push({
    id: state.id(),
    tag: "v1.0.0",
    name: "First",
    target: "main",
    draft: false,
    prerelease: false,
    author: "ada",
    createdAt: at,
    publishedAt: at,
  });
  shop.deployments.push({
    id: state.id(),
    sha: randomSha(),
    ref: "main",
    environment: "production",
    creator: "ada",
    createdAt: at,
    updatedAt: at,
    statuses: [
      { id: state.id(), state: "in_progress", createdAt: at, runId: run.id },
      { id: state.id(), state: "success", createdAt: at, runId: run.id },
    ],
  });
}
