// An organization's teams and who is in them.
import { teamKey, userKey } from "@opentrace/contract/keys.ts";
import type { SyncRequest } from "../connector.ts";
import { all, type Context, organizationOf } from "./client.ts";
import { hostOf } from "./config.ts";
import { type Facts, personFacts } from "./facts.ts";
import { Team, type User, Users } from "./schema.ts";
import type { Steps } from "./sync.ts";

const MOST = 5_000;

export async function* syncTeams(ctx: Context, request: SyncRequest): Steps {
  const organization = organizationOf(request.scope);
  if (organization === null) return { complete: true, cursor: null };
  const host = hostOf(ctx.config);
  const base = `orgs/${encodeURIComponent(organization)}`;
  const User = Users.element;
  const teams = await all(ctx.http, Team, `${base}/teams`, "members", MOST);
  for (const team of teams) {
    const members = await all(
      ctx.http,
      User,
      `${base}/teams/${encodeURIComponent(team.slug)}/members`,
      "members",
      MOST,
    );
    yield {
      is: "items",
      items: [{ id: team.slug, facts: teamFacts(host, organization, team, members) }],
      cursor: null,
    };
  }
  return { complete: true, cursor: null };
}

function teamFacts(
  host: string,
  organization: string,
  team: ReturnType<typeof Team.parse>,
  members: readonly User[],
): Facts {
  const key = teamKey(host, organization, team.slug);
  const evidence = [team.html_url];
  const facts: Facts = {
    nodes: [
      {
        key,
        type: "Team",
        name: team.name.slice(0, 500),
        props: { slug: team.slug, organization, description: team.description ?? null },
      },
    ],
    edges: [],
  };
  if (team.parent)
    facts.edges.push({ from: teamKey(host, organization, team.parent.slug), to: key, type: "CONTAINS", evidence });
  for (const member of members) {
    const { nodes, edges } = personFacts({ host }, member);
    facts.nodes.push(...nodes);
    facts.edges.push(...edges, { from: key, to: userKey(host, member.login), type: "CONTAINS", evidence });
  }
  return facts;
}
