// CODEOWNERS as GitHub reads it.
import { personKey, teamKey, userKey } from "@opentrace/contract/keys.ts";
import ignore from "ignore";
import { type OwnerRule, ownerEdges } from "../code-owners.ts";
import type { SyncRequest } from "../connector.ts";
import { type Context, type RepositoryRef, repositoryOf } from "./client.ts";
import type { Facts } from "./facts.ts";
import { Blob, Tree } from "./schema.ts";
import type { Steps } from "./sync.ts";

/** In the order in which GitHub looks. */
const PLACES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
const MOST_RULES = 2_000;
/** A pattern with more could take minutes on a hostile name. */
const MOST_WILDCARDS = 12;

export async function* syncOwners(ctx: Context, request: SyncRequest): Steps {
  const ref = repositoryOf(request.scope, ctx.config);
  const branch = encodeURIComponent(request.scope.defaultBranch ?? "HEAD");
  const known = await request.page("tree");
  const reply = await ctx.http.request({
    url: `${ref.path}/git/trees/${branch}`,
    query: { recursive: "1" },
    needs: "contents",
    // 409: an empty repository.
    expect: [404, 409],
    ...(known === null ? {} : { etag: known.etag }),
  });
  if (reply.unchanged) {
    yield { is: "unchanged", page: "tree", cursor: null };
    return { complete: true, cursor: null };
  }
  if (reply.status !== 200) return { complete: true, cursor: null };
  const { tree, truncated } = reply.json(Tree);
  // Above 100,000 entries GitHub leaves the rest out.
  if (truncated)
    ctx.log.warn(
      { repository: ref.fullName, files: tree.length },
      "too many files for CODEOWNERS, the rest has no owner",
    );
  const place = PLACES.map((path) => tree.find((entry) => entry.path === path)).find((entry) => entry !== undefined);
  const page = reply.etag === null ? {} : { page: { key: "tree", etag: reply.etag, next: null } };
  if (!place) {
    yield { is: "items", items: [{ id: "CODEOWNERS", facts: null }], cursor: null, ...page };
    return { complete: true, cursor: null };
  }
  const blob = await ctx.http.get(Blob, `${ref.path}/git/blobs/${place.sha}`, { needs: "contents" });
  const text = Buffer.from(blob.content, "base64").toString("utf8");
  const files = tree.filter((entry) => entry.type === "blob").map((entry) => entry.path);
  yield {
    is: "items",
    items: [{ id: "CODEOWNERS", facts: ownerFacts(ref, place.path, text, files) }],
    cursor: null,
    ...page,
  };
  return { complete: true, cursor: null };
}

interface Rule extends OwnerRule {
  matches(path: string): boolean;
}

/** docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners */
function readRules(ref: RepositoryRef, text: string): Rule[] {
  const rules: Rule[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (rules.length >= MOST_RULES) break;
    const [pattern = "", ...owners] = line
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    // Negation and character ranges do not work in CODEOWNERS.
    if (pattern === "" || /^!|[[\]]/.test(pattern) || pattern.replaceAll(/[^*?]/g, "").length > MOST_WILDCARDS)
      continue;
    const matcher = ignore({ ignorecase: false }).add(pattern);
    // `docs/*` covers files right in docs, not those in folders below.
    const flat = /[^*]\/\*$/.test(pattern) ? pattern.replace(/^\//, "").split("/").length : null;
    rules.push({
      owners: owners.filter((owner) => owner.includes("@")).map((owner) => ownerKey(ref, owner)),
      line: index + 1,
      matches: (path) => (flat === null || path.split("/").length === flat) && matcher.ignores(path),
    });
  }
  return rules;
}

function ownerFacts(ref: RepositoryRef, file: string, text: string, paths: readonly string[]): Facts {
  // The last rule that matches decides, and one without owners takes them away.
  const rules = readRules(ref, text).toReversed();
  const edges = ownerEdges({ repo: ref.repo, file, paths }, (path) => {
    const rule = rules.find((one) => one.matches(path));
    return rule === undefined || rule.owners.length === 0 ? [] : [rule];
  });
  return { nodes: [], edges };
}

function ownerKey(ref: RepositoryRef, owner: string): string {
  if (!owner.startsWith("@")) return personKey(owner);
  const [organization = "", slug] = owner.slice(1).split("/");
  return slug === undefined ? userKey(ref.host, organization) : teamKey(ref.host, organization, slug);
}
