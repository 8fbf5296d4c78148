// What is set once for each GitLab integration, and the addresses that follow from it.
import { z } from "zod";

export const Config = z.object({
  baseUrl: z.url().default("https://gitlab.com").meta({
    title: "GitLab address",
    description: "https://gitlab.com, or the address of your own GitLab, with its sub-path if it has one.",
  }),
  ca: z.string().default("").meta({
    title: "CA certificate",
    description: "PEM, when your server's certificate is signed by your own CA.",
    multiline: true,
  }),
  detailDays: z.int().min(0).default(365).meta({
    title: "Days of merge request detail",
    description:
      "Changed files and approvals are read for open merge requests and for those updated in this many days; 0 = all.",
  }),
  webhooks: z.boolean().default(false).meta({
    title: "Make webhooks when signing in with OAuth",
    description:
      "Asks for the scope api, which making webhooks takes; OpenTrace writes nothing else with it. The OAuth application needs that scope, too. Sign in again after a change.",
  }),
  confidentialIssues: z.boolean().default(false).meta({
    title: "Confidential issues",
    description: "Sync them too. Whoever may read this OpenTrace can then read them.",
  }),
});
export type Config = z.infer<typeof Config>;

/** Where people click: with the sub-path, without a slash at the end. */
export function webUrl(config: Config): string {
  const { origin, pathname } = new URL(config.baseUrl);
  // What people copy from their browser may go on to the API.
  return `${origin}${pathname}`.replace(/\/+$/, "").replace(/\/api\/v4$/, "");
}

export const apiUrl = (config: Config): string => `${webUrl(config)}/api/v4`;

/** The instance in keys, as the code indexer writes it: `gitlab.com`, `git.acme.dev:8443/gitlab`. */
export function instanceOf(config: Config): string {
  const { host, pathname } = new URL(webUrl(config));
  return `${host.toLowerCase()}${pathname.replace(/\/+$/, "")}`;
}

/** The host alone: of the no-reply addresses that the instance gives out. */
export const hostNameOf = (config: Config): string => new URL(config.baseUrl).hostname.toLowerCase();
