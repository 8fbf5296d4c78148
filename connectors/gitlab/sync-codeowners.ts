// CODEOWNERS of the default branch as OWNS edges. The list of all files is read when that file has changed, and in full passes.
import { groupKey, personKey, userKey } from "@opentrace/contract/keys.ts";
import { z } from "zod";
import { ownerEdges } from "../code-owners.ts";
import type { SyncRequest } from "../connector.ts";
import { type Context, pagesOf, type ProjectRef, projectOf, unlessGone } from "./client.ts";
import { createOwnersOf, PLACES, readCodeOwners } from "./codeowners-file.ts";
import { RepositoryFile, TreeEntry } from "./schema.ts";
import { isIdleSince, readNow } from "./seldom.ts";
import type { Steps } from "./time-pages.ts";

const MOST_PAGES = 500;
/** Names that may be a person's or a group's cost a request each. */
const MOST_LOOKUPS = 30;
const needs = "read_api";

export async function* syncOwners(ctx: Context, request: SyncRequest): Steps {
  const ref = projectOf(request.scope, ctx.config);
  if (isIdleSince(request, ref.lastActivityAt)) return { complete: true, cursor: request.cursor };
  const branch = request.scope.defaultBranch;
  // An empty repository, or one whose code may not be read.
  const found = branch === null ? null : await findFile(ctx, ref, branch);
  if (found === null || branch === null) {
    yield { is: "items", items: [{ id: "CODEOWNERS", facts: null }], cursor: null };
    return { complete: true, cursor: readNow(ctx) };
  }
  const etag = `${found.place} ${found.blob}`;
  const known = await request.page("file");
  if (request.mode === "incremental" && known?.etag === etag) {
    yield { is: "unchanged", page: "file", cursor: null };
    return { complete: true, cursor: readNow(ctx) };
  }
  const rules = readCodeOwners(found.text);
  const groups = await groupsAmong(ctx, ref, [...new Set(rules.flatMap(({ owners }) => owners))]);
  const keyOf = (owner: string): string => {
    if (!owner.startsWith("@")) return personKey(owner);
    const name = owner.slice(1);
    return groups.has(name) ? groupKey(ref.instance, name) : userKey(ref.instance, name);
  };
  const paths = await filesOf(ctx, ref, branch);
  const edges = ownerEdges({ repo: ref.repo, file: found.place, paths }, createOwnersOf(rules, keyOf));
  yield {
    is: "items",
    items: [{ id: "CODEOWNERS", facts: { nodes: [], edges } }],
    cursor: null,
    page: { key: "file", etag, next: null },
  };
  return { complete: true, cursor: readNow(ctx) };
}

async function findFile(
  ctx: Context,
  ref: ProjectRef,
  branch: string,
): Promise<{ place: string; blob: string; text: string } | null> {
  for (const place of PLACES) {
    const url = `${ref.at}/repository/files/${encodeURIComponent(place)}`;
    const file = await unlessGone(ctx.http.get(RepositoryFile, url, { query: { ref: branch }, needs }));
    if (file !== null) return { place, blob: file.blob_id, text: Buffer.from(file.content, "base64").toString("utf8") };
  }
  return null;
}

async function filesOf(ctx: Context, ref: ProjectRef, branch: string): Promise<string[]> {
  const paths: string[] = [];
  let pages = 0;
  const query = { recursive: true, ref: branch, pagination: "keyset" };
  for await (const reply of pagesOf(ctx, { url: `${ref.at}/repository/tree`, query, needs })) {
    for (const entry of reply.json(z.array(TreeEntry))) if (entry.type === "blob") paths.push(entry.path);
    if (++pages < MOST_PAGES) continue;
    ctx.log.warn(
      { project: ref.fullPath, files: paths.length },
      "too many files for CODEOWNERS, the rest has no owner",
    );
    break;
  }
  return paths;
}

/** `@acme/platform` is always a group, `@acme` may be either: users and groups share their names. */
async function groupsAmong(ctx: Context, ref: ProjectRef, owners: readonly string[]): Promise<Set<string>> {
  const names = owners.filter((owner) => owner.startsWith("@")).map((owner) => owner.slice(1));
  const groups = new Set(names.filter((name) => name.includes("/")));
  let lookups = 0;
  for (const name of names) {
    if (groups.has(name)) continue;
    if (ref.group?.split("/")[0] === name) groups.add(name);
    else if (++lookups <= MOST_LOOKUPS) {
      const reply = await ctx.http.request({
        url: `groups/${encodeURIComponent(name)}`,
        query: { with_projects: false },
        expect: [403, 404],
      });
      if (reply.status === 200) groups.add(name);
    }
  }
  return groups;
}
