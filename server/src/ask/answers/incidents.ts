// Incidents: what a person reads, each with a link to it. Asked through the verbs, so nobody is told what they may not read.
import { AppError } from "@opentrace/contract/errors.ts";
import type { GraphNode } from "@opentrace/contract/graph.ts";
import type { NeighborsAnswer, TraversalAnswer } from "@opentrace/contract/graph-answers.ts";
import {
  incidentSeverities,
  type Incident,
  type IncidentDetail,
  type IncidentList,
} from "@opentrace/contract/incidents.ts";
import type { CausedIncidents, Hypotheses } from "@opentrace/contract/investigation.ts";
import type { PullRequestsAnswer } from "@opentrace/contract/delivery.ts";
import { incidentKey } from "@opentrace/contract/keys.ts";
import type { GraphAccess } from "../graph-access.ts";
import type { MentionText } from "../mention.ts";
import type { IncidentQuestion } from "../sentences/incidents.ts";
import { bullets, codeSpan, count, label, list } from "../wording.ts";
import { type Answered, answered, most, unique, unknown, when } from "./answered.ts";
import { changes } from "./change.ts";
import { sinceText } from "./delivered.ts";

type Of<Intent> = IncidentQuestion & { intent: Intent };

const linked = ({ reference, id, title }: Pick<Incident, "reference" | "id" | "title">): string =>
  `[${reference}](/incidents/${id}) ${codeSpan(title)}`;

function told(one: Incident): string {
  const facts = [
    `${one.severity}, ${one.status}, since ${when(one.started_at)}`,
    one.owner === null ? "nobody owns it" : `owner ${codeSpan(one.owner)}`,
    ...(one.affected_services.length === 0 ? [] : [`affects ${list(one.affected_services.map(codeSpan))}`]),
  ];
  return `${linked(one)} — ${facts.join("; ")}`;
}

/** The nodes of incidents, as far as they are in the graph yet. */
const nodesOf = async (access: GraphAccess, incidents: readonly { id: string }[]): Promise<GraphNode[]> =>
  await access.known(incidents.slice(0, most).map((one) => incidentKey(one.id)));

const mostServices = 20;

/** The services that need a node: an incident of theirs is one that its change may have to do with. */
async function servicesOn(node: GraphNode, access: GraphAccess): Promise<GraphNode[]> {
  const { reached } = await access.run<TraversalAnswer>("graph.dependents", {
    id: node.id,
    depth: 4,
    nodeTypes: ["Service"],
    limit: mostServices,
  });
  return reached.map((one) => one.node).filter((one) => one.type === "Service");
}

interface Found {
  items: Incident[];
  total: number | null;
  more: boolean;
}

async function withService(
  names: readonly string[],
  filter: Record<string, unknown>,
  access: GraphAccess,
): Promise<Found> {
  const service = names.length === 0 ? undefined : [...new Set(names)].slice(0, 50);
  const answer = await access.run<IncidentList>("incidents.list", { ...filter, service, limit: most });
  return { items: answer.items, total: answer.total, more: answer.next_cursor !== null };
}

/** Incidents call a service what they like: its name, key or id, and the one name of an incident that the graph ties to it. */
async function affecting(node: GraphNode, filter: Record<string, unknown>, access: GraphAccess): Promise<Found> {
  const { neighbors } = await access.run<NeighborsAnswer>("graph.neighbors", {
    id: node.id,
    direction: "incoming",
    edgeTypes: ["AFFECTS"],
    limit: 100,
  });
  const called = neighbors.flatMap(({ node: { props } }): string[] => {
    const names: readonly unknown[] = Array.isArray(props["services"]) ? props["services"] : [];
    return names.length === 1 && typeof names[0] === "string" ? [names[0]] : [];
  });
  return await withService([node.name, node.key, node.id, ...called], filter, access);
}

export async function incidents(question: Of<"incidents">, zone: string, access: GraphAccess): Promise<Answered> {
  const { of, status, severity, unowned, since } = question;
  const filter = {
    status: status ?? undefined,
    severity: severity ?? undefined,
    has_owner: unowned ? false : undefined,
    since: since?.at.toISOString(),
  };
  const words = [
    ...(status === null
      ? []
      : [status.includes("investigating") && status.includes("open") ? "open" : status.join(" or ")]),
    ...(severity === null ? [] : [severity.toSorted((a, b) => rankOf(b) - rankOf(a)).join(" or ")]),
    ...(unowned ? ["unowned"] : []),
  ].join(" ");
  const kind = `${words === "" ? "" : `${words} `}incident`;
  const time = sinceText(since, zone);
  if (of === null) {
    const found = await withService([], { ...filter, sort: since === null ? "severity" : undefined }, access);
    return shown(found, { kind, about: "", time, nodes: await nodesOf(access, found.items) });
  }
  const node = await access.resolve(of, "Service");
  if (node === null) {
    const found = await withService([of.name, of.raw], filter, access);
    if (found.items.length === 0) return unknown(of);
    return shown(found, { kind, about: codeSpan(of.raw), time, nodes: await nodesOf(access, found.items) });
  }
  const found = await affecting(node, filter, access);
  if (found.items.length > 0 || node.type === "Service")
    return shown(found, { kind, about: label(node), time, nodes: [node, ...(await nodesOf(access, found.items))] });
  const services = await servicesOn(node, access);
  const near =
    services.length === 0
      ? found
      : await withService(
          services.flatMap((one) => [one.name, one.key]),
          filter,
          access,
        );
  if (near.items.length === 0) return shown(near, { kind, about: label(node), time, nodes: [node] });
  const through = `${label(node)} itself, but services that need it (${list(services.slice(0, 5).map(label))}) are affected by`;
  const rest = shown(near, {
    kind,
    about: "",
    time,
    nodes: [node, ...services, ...(await nodesOf(access, near.items))],
  });
  return { ...rest, text: `No ${kind} affects ${through} these:\n\n${rest.text}` };
}

const rankOf = (severity: (typeof incidentSeverities)[number]): number => incidentSeverities.indexOf(severity);

function shown(
  { items, total, more }: Found,
  { kind, about, time, nodes }: { kind: string; about: string; time: string; nodes: GraphNode[] },
): Answered {
  if (items.length === 0)
    return answered(about === "" ? `There is no ${kind}${time}.` : `No ${kind} affects ${about}${time}.`, nodes);
  const left = total === null ? 0 : Math.max(0, total - items.length);
  const number = total === null ? `More than ${count(items.length, kind)}` : count(total, kind);
  const verb = about === "" ? "" : ` ${(total ?? 2) === 1 ? "affects" : "affect"} ${about}`;
  return answered(`${number}${verb}${time}:\n\n${bullets(items.map(told), most, left)}`, unique(nodes), more);
}

/** What happened: the incidents, then what was changed and delivered. */
export async function happened({ of, since }: Of<"happened">, zone: string, access: GraphAccess): Promise<Answered> {
  const changed = await changes({ intent: "changes", of, since, who: false }, zone, access);
  if (!access.may("incidents.list"))
    return {
      ...changed,
      text: `${changed.text}\n\nIncidents are left out: to read them you need the permission incidents:read.`,
    };
  const found = await incidents(
    { intent: "incidents", of, since, status: null, severity: null, unowned: false },
    zone,
    access,
  );
  if (!changed.understood) return found.understood ? found : changed;
  return {
    text: `${found.text}\n\n${changed.text}`,
    nodes: unique([...found.nodes, ...changed.nodes]),
    understood: true,
    truncated: found.truncated || changed.truncated,
  };
}

/** "Tell me about INC-7", "what caused INC-7". */
export async function incident({ reference, cause }: Of<"incident">, access: GraphAccess): Promise<Answered> {
  const id = reference.startsWith("inc_") ? reference : reference.toUpperCase().replace("_", "-");
  let one: IncidentDetail;
  try {
    one = await access.run<IncidentDetail>("incidents.get", { id });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "not_found") throw error;
    return { ...answered(`There is no incident ${codeSpan(id)}.`), understood: false };
  }
  const { items, verdict } = await access.run<Hypotheses>("hypotheses.list", { id: one.id, limit: 5 });
  const nodes = [
    ...(await nodesOf(access, [one])),
    ...(await access.known([
      ...one.affected_nodes.flatMap(({ node }) => (node === null ? [] : [node.key])),
      ...items.flatMap((each) => (each.cause?.node ? [each.cause.node.key] : [])),
    ])),
  ];
  const causes = items
    .filter((each) => each.status !== "rejected")
    .map((each) => {
      const sure =
        each.status === "confirmed"
          ? "confirmed"
          : each.confidence === null
            ? each.status
            : `${Math.round(each.confidence * 100)} %`;
      const at = each.cause === null ? "" : ` ${codeSpan(each.cause.key)}, ${when(each.cause.at)}`;
      return `${each.cause?.url ? `[${codeSpan(each.title)}](${each.cause.url})` : codeSpan(each.title)} (${sure})${at}`;
    });
  const why =
    causes.length > 0
      ? `What may have caused it:\n\n${bullets(causes, most)}`
      : verdict === null
        ? "Nobody has looked for its cause yet: generate hypotheses on its page."
        : verdict.summary;
  if (cause) return answered(`${told(one)}\n\n${why}`, unique(nodes));
  const times = [
    ["began", one.started_at],
    ["taken up", one.acknowledged_at],
    ["resolved", one.resolved_at],
    ["closed", one.closed_at],
  ].flatMap(([word, at]) => (at === null || at === undefined ? [] : [`${word} ${when(at)}`]));
  const facts = [
    `${one.severity}, ${one.status}`,
    times.join(", "),
    one.owner === null ? "nobody owns it" : `owner: ${codeSpan(one.owner)}`,
    ...(one.affected_services.length === 0 ? [] : [`affects ${list(one.affected_services.map(codeSpan))}`]),
    count(one.evidence_count, "piece of evidence", "pieces of evidence"),
    ...(one.merged_into === null ? [] : [`merged into [the incident that stays](/incidents/${one.merged_into})`]),
    ...one.duplicates.slice(0, 5).map((each) => `duplicate: ${linked(each)}`),
  ];
  const body =
    one.description === null || one.description === "" ? [] : [`It says: ${codeSpan(one.description.slice(0, 300))}`];
  return answered([`${linked(one)}:`, bullets(facts, 30), ...body, why].join("\n\n"), unique(nodes));
}

/** The number of "PR 12". */
const pullRequest = /^(?:the )?(?:prs?|pull[ -]?requests?|mrs?|merge[ -]?requests?)(?: number)? ?[#!]?(\d{1,7})$/i;

/** Only what a person has confirmed counts as caused. */
export async function caused({ by }: Of<"caused">, access: GraphAccess): Promise<Answered> {
  const node = await causeNamed(by, access);
  if (node === null) return unknown(by);
  const answer = await access.run<CausedIncidents>("incidents.causedBy", { id: node.id, limit: most });
  const nodes = [
    node,
    ...(await nodesOf(
      access,
      answer.items.map((one) => one.incident),
    )),
  ];
  if (answer.items.length === 0)
    return answered(
      `No incident is known to have been caused by ${label(node)}: nobody has confirmed a hypothesis that names it${node.type === "Repository" ? " or a change of it" : ""}.`,
      nodes,
    );
  const lines = answer.items.map(
    ({ incident: one, hypothesis }) =>
      `${told(one)} — by ${codeSpan(hypothesis.title)} (${codeSpan(hypothesis.cause_key)})`,
  );
  const number = answer.truncated ? `At least ${count(lines.length, "incident")}` : count(lines.length, "incident");
  return answered(
    `${number} ${lines.length === 1 ? "was" : "were"} caused by ${label(node)}, as people have confirmed:\n\n${bullets(lines, most)}`,
    unique(nodes),
    answer.truncated,
  );
}

async function causeNamed(by: MentionText, access: GraphAccess): Promise<GraphNode | null> {
  const number = pullRequest.exec(by.raw)?.[1];
  if (number === undefined) return await access.resolve(by);
  const { pullRequests } = await access.run<PullRequestsAnswer>("delivery.pullRequests", { number: Number(number) });
  return pullRequests[0]?.node ?? null;
}
