// GitLab: code, issues, merge requests, CI/CD and people; gitlab.com and self-hosted.
import { defineConnector } from "../connector.ts";
import { auth } from "./auth.ts";
import { check } from "./check.ts";
import { policy } from "./client.ts";
import { apiUrl, Config } from "./config.ts";
import { count } from "./count.ts";
import { disconnect } from "./disconnect.ts";
import { cloneAccess, findScope, scopes } from "./scopes.ts";
import { streams, sync } from "./sync.ts";
import { webhook } from "./webhook.ts";

export const connector = defineConnector({
  manifest: {
    id: "gitlab",
    name: "GitLab",
    summary: "Sync repository data, analyze code, and track issues and merge requests.",
    category: "code",
    provides: [
      "Project structure and files",
      "Code symbols and dependencies",
      "Issues and merge requests",
      "CI/CD pipeline information",
    ],
    docs: "https://docs.gitlab.com/integration/oauth_provider/",
    scopeKinds: [
      { id: "group", name: "Group", plural: "Groups", hasBranch: false, contains: "project" },
      { id: "project", name: "Project", plural: "Projects", hasBranch: true, contains: null },
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
  sync,
  webhook,
  disconnect,
  cloneAccess,
});
