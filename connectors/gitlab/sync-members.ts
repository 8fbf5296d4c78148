// A group's teams (itself and the groups in it) with their members, and the maintainers of a project.
import { groupKey, repositoryKey, userKey } from "@opentrace/contract/keys.ts";
import type { SyncItem, SyncRequest } from "../connector.ts";
import { all, type Context, type GroupRef, groupOf, projectOf, unlessGone } from "./client.ts";
import { type Facts, personFacts } from "./facts.ts";
import { Group, Member } from "./schema.ts";
import { readNow, wasReadLately } from "./seldom.ts";
import type { Steps } from "./time-pages.ts";

const MOST_MEMBERS = 5_000;
const MOST_GROUPS = 2_000;
const MAINTAINER = 40;

/** docs.gitlab.com/api/members/#roles */
const roleOf = (level: number): string => {
  const names = {
    5: "minimal access",
    10: "guest",
    15: "planner",
    20: "reporter",
    30: "developer",
    40: "maintainer",
    50: "owner",
  };
  return (names as Record<number, string>)[level] ?? String(level);
};

/** The group's own scope is enough for all groups in it: they are not chosen one by one. */
export async function* syncTeams(ctx: Context, request: SyncRequest): Steps {
  const ref = groupOf(request.scope, ctx.config);
  if (wasReadLately(ctx, request)) return { complete: true, cursor: request.cursor };
  const get = (url: string) => ctx.http.get(Group, url, { query: { with_projects: false }, needs: "members" });
  if (request.only !== null) {
    for (const id of request.only) {
      const group = await unlessGone(get(`groups/${id}`));
      const items = [group === null ? { id, facts: null } : await teamItem(ctx, ref, group)];
      yield { is: "items", items, cursor: null };
    }
    return { complete: true, cursor: null };
  }
  const own = await get(ref.at);
  const inside = await all(ctx, Group, { url: `${ref.at}/descendant_groups`, needs: "members" }, MOST_GROUPS);
  for (const group of [own, ...inside])
    if (group.marked_for_deletion_on == null)
      yield { is: "items", items: [await teamItem(ctx, ref, group)], cursor: null };
  return { complete: true, cursor: readNow(ctx) };
}

async function teamItem(ctx: Context, ref: GroupRef, group: Group): Promise<SyncItem> {
  const asked = { url: `groups/${group.id}/members`, needs: "members" };
  const members = await all(ctx, Member, asked, MOST_MEMBERS);
  return { id: String(group.id), facts: teamFacts(ref, group, members) };
}

function teamFacts(ref: GroupRef, group: Group, members: readonly Member[]): Facts {
  // What is above the chosen group was not chosen.
  const parent = group.full_path === ref.fullPath ? null : group.full_path.split("/").slice(0, -1).join("/");
  const key = groupKey(ref.instance, group.full_path);
  const evidence = [group.web_url];
  const facts: Facts = {
    nodes: [
      {
        key,
        type: "Team",
        name: group.full_path.slice(0, 500),
        props: { path: group.full_path, title: group.name, description: group.description ?? null, url: group.web_url },
      },
    ],
    edges: [],
  };
  if (parent !== null) facts.edges.push({ from: groupKey(ref.instance, parent), to: key, type: "CONTAINS", evidence });
  for (const member of members) {
    const { nodes, edges } = personFacts(ref, member);
    facts.nodes.push(...nodes);
    facts.edges.push(...edges, {
      from: key,
      to: userKey(ref.instance, member.username),
      type: "CONTAINS",
      props: { role: roleOf(member.access_level) },
      evidence,
    });
  }
  return facts;
}

/** Who was made maintainer or owner of this very project; those of its groups are told with the groups. */
export async function* syncMembers(ctx: Context, request: SyncRequest): Steps {
  const ref = projectOf(request.scope, ctx.config);
  if (wasReadLately(ctx, request)) return { complete: true, cursor: request.cursor };
  const asked = { url: `${ref.at}/members`, needs: "members" };
  const members = await all(ctx, Member, asked, MOST_MEMBERS);
  const facts: Facts = { nodes: [], edges: [] };
  for (const member of members) {
    if (member.access_level < MAINTAINER) continue;
    const { nodes, edges } = personFacts(ref, member);
    facts.nodes.push(...nodes);
    facts.edges.push(...edges, {
      from: userKey(ref.instance, member.username),
      to: repositoryKey(ref.repo),
      type: "OWNS",
      props: { role: roleOf(member.access_level) },
      evidence: [`${ref.web}/${ref.fullPath}/-/project_members`],
      confidence: 0.7,
      rule: "maintainer or owner of the project",
    });
  }
  yield { is: "items", items: [{ id: "members", facts: facts.nodes.length === 0 ? null : facts }], cursor: null };
  return { complete: true, cursor: readNow(ctx) };
}
