// GitHub: code, issues, pull requests, delivery and people.
import { defineConnector } from "../connector.ts";
import { auth } from "./auth.ts";
import { check } from "./check.ts";
import { policy } from "./client.ts";
import { apiUrl, Config } from "./config.ts";
import { count } from "./count.ts";
import { disconnect } from "./disconnect.ts";
import { glance } from "./glance.ts";
import { cloneAccess, findScope, scopes } from "./scopes.ts";
import { streams, sync } from "./sync.ts";
import { webhook } from "./webhook.ts";

export const connector = defineConnector({
  manifest: {
    id: "github",
    name: "GitHub",
    summary: "Sync repository data, analyze code structure, and track issues and pull requests.",
    category: "code",
    provides: [
      "Repository structure and files",
      "Code symbols and dependencies",
      "Issues and pull requests",
      "Commit history",
      "Branch information",
    ],
    docs: "https://docs.github.com/apps",
    scopeKinds: [
      { id: "organization", name: "Organization", plural: "Organizations", hasBranch: false, contains: "repository" },
      { id: "repository", name: "Repository", plural: "Repositories", hasBranch: true, contains: null },
    ],
    streams,
    emits: {
      nodes: ["Repository", "Issue", "PullRequest", "Release", "Deployment", "Pipeline", "Person", "Team"],
      edges: [
        ...(["CONTAINS", "AUTHORED", "REVIEWED", "CHANGES", "MENTIONS", "DEFINES"] as const),
        ...(["BUILDS", "DEPLOYS", "OWNS", "SAME_AS"] as const),
      ],
    },
  },
  config: Config,
  auth,
  origins: (config) => ({ base: apiUrl(config) }),
  policy,
  check,
  scopes,
  findScope,
  count,
  glance,
  sync,
  webhook,
  disconnect,
  cloneAccess,
});
