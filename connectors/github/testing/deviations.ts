// Where GitHub's published descriptions contradict GitHub, and where the official examples are older than the descriptions.
// A test fails for an entry that nothing needs any more.
import type { Deviation } from "../../testing/json-schema.ts";

/** @octokit/openapi 23. */
export const apiDeviations: readonly Deviation[] = [
  {
    where: /^GET \/app\/installations reply 200: \/\d+\/account /,
    why: "account is described as allOf(user, enterprise) where it is one of them; the official example fails as well",
  },
  {
    where: /\/environment_url must match format "uri"$/,
    why: "GitHub sends an empty string for a deployment without an address",
  },
];

/** @octokit/openapi-webhooks 12. */
export const webhookDeviations: readonly Deviation[] = [
  {
    where: /\/environment_url must match format "uri"$/,
    why: "GitHub sends an empty string for a deployment without an address",
  },
  {
    where: /\/homepage must match format "uri"$/,
    why: "GitHub sends an empty string for a repository without a homepage",
  },
];

const added = (...names: string[]): Deviation => ({
  where: new RegExp(`must have required property '(${names.join("|")})'$`),
  why: "recorded before GitHub added the field",
});

/** @octokit/webhooks-examples 7: 329 examples, most from 2019 to 2022. */
export const exampleDeviations: readonly Deviation[] = [
  added("has_discussions"),
  added("state_reason"),
  added("immutable"),
  added("app_slug"),
  added("topics", "disabled"),
  added("reactions", "performed_via_github_app", "start_line", "active_lock_reason", "auto_merge", "draft"),
  added("requester", "requested_team", "description"),
  added("workflow", "path", "actor", "run_attempt"),
  added("node_id", "verified_at", "is_one_time", "cvss", "lock_branch_enforcement_level"),
  { where: /\/author\/email must match format "email"$/, why: "the author's machine gave a name without a host" },
  {
    where: /^installation-.* \/installation\/created_at must be string$/,
    why: "a number of seconds in old deliveries",
  },
  { where: /\/price_model must be equal to one of the allowed values/, why: "lower case in old deliveries" },
  {
    where: /^meta-deleted .* (must be null|must match a schema in anyOf)$/,
    why: "follows from a missing field of its repository",
  },
  {
    where: /^pull-request-review-request.* must match exactly one schema in oneOf$/,
    why: "follows from a missing field",
  },
  { where: /^GitHub has no webhook repository_dispatch /, why: "its action is whatever the caller chose" },
];
