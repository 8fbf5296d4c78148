// What is set once for each GitHub integration, and the addresses that follow from it.
import { z } from "zod";

export const Config = z.object({
  baseUrl: z.url().default("https://github.com").meta({
    title: "GitHub address",
    description: "https://github.com, or the address of your GitHub Enterprise Server.",
  }),
  organization: z.string().default("").meta({
    title: "Organization",
    description: "Where the GitHub App is created. Empty = your own account.",
    placeholder: "acme",
  }),
  ca: z.string().default("").meta({
    title: "CA certificate",
    description: "PEM, when your server's certificate is signed by your own CA.",
    multiline: true,
  }),
  detailDays: z.int().min(0).default(365).meta({
    title: "Days of pull request detail",
    description:
      "Changed files and reviews are read for open pull requests and for those updated in this many days; 0 = all.",
  }),
});
export type Config = z.infer<typeof Config>;

const trimmed = (config: Config): URL => new URL(config.baseUrl.replace(/\/+$/, ""));

/** Where people click: without a slash at the end. */
export const webUrl = (config: Config): string => trimmed(config).href.replace(/\/+$/, "");

/** github.com and *.ghe.com have a host for the API; an Enterprise Server has a path. */
export function apiUrl(config: Config): string {
  const url = trimmed(config);
  if (url.hostname === "github.com" || url.hostname === "www.github.com") return "https://api.github.com";
  if (url.hostname.endsWith(".ghe.com")) return `https://api.${url.hostname}`;
  return `${webUrl(config)}/api/v3`;
}

/** docs.github.com/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint, and that of an Enterprise Server. */
export const graphqlUrl = (config: Config): string =>
  apiUrl(config).endsWith("/api/v3") ? `${webUrl(config)}/api/graphql` : `${apiUrl(config)}/graphql`;

/** As the code indexer writes it into keys: `github.com`, with a port that is not the usual one. */
export const hostOf = (config: Config): string =>
  trimmed(config)
    .host.replace(/^www\.github\.com$/, "github.com")
    .toLowerCase();
