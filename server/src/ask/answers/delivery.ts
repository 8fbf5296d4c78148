// Pull requests, issues, pipelines, deployments and owners: what a person reads, with where each can be looked at.
import type {
  DeploymentsAnswer,
  IssuesAnswer,
  OwnersAnswer,
  PipelinesAnswer,
  PullRequestsAnswer,
} from "@opentrace/contract/delivery.ts";
import type { GraphNode, Page } from "@opentrace/contract/graph.ts";
import type { NodeAnswer } from "@opentrace/contract/graph-answers.ts";
import type { DeliveryQuestion } from "../sentences/delivery.ts";
import type { GraphAccess } from "../graph-access.ts";
import type { MentionText } from "../mention.ts";
import { bullets, codeSpan, count, describeNode, firstSentence, label, list, plainType } from "../wording.ts";
import { type Answered, answered, most, unique, unknown, when } from "./answered.ts";
import { changes } from "./change.ts";
import { delivered, linked, sinceText, text } from "./delivered.ts";

type Of<Intent> = DeliveryQuestion & { intent: Intent };

const how: Record<string, string> = {
  itself: "",
  part: "",
  repository: "",
  file: " — it changes the file; which lines is not told",
};

/** "3 of 12", or with "at least" where not all could be counted. */
const counted = ({ total, returned }: Page, one: string, many?: string): string =>
  total === null ? `at least ${count(returned, one, many)}` : count(total, one, many);
const more = ({ total, returned }: Page, shown: number): number => Math.max(0, (total ?? returned) - shown);

/** The node of an optional mention; `unknown` when there is none of that name. */
async function about(
  of: MentionText | null,
  access: GraphAccess,
): Promise<{ node: GraphNode | null; missing: Answered | null }> {
  if (of === null) return { node: null, missing: null };
  const node = await access.resolve(of, "Repository");
  return { node, missing: node === null ? unknown(of) : null };
}

export async function pullRequests({ of, state }: Of<"pull requests">, access: GraphAccess): Promise<Answered> {
  const { node, missing } = await about(of, access);
  if (missing !== null) return missing;
  const answer = await access.run<PullRequestsAnswer>("delivery.pullRequests", {
    node: node?.id,
    state: state === null ? undefined : [state],
    limit: 50,
  });
  const adjective = state === null ? "" : `${state} `;
  const place = node === null ? "" : node.type === "Repository" ? ` in ${label(node)}` : "";
  const verb = node === null || node.type === "Repository" ? "" : answer.page.total === 1 ? " touches" : " touch";
  const nodes = node === null ? [] : [node];
  if (answer.pullRequests.length === 0)
    return answered(
      `No ${adjective}pull request that the graph knows of ${verb === "" ? `is there${place}` : `touches ${label(node as GraphNode)}`}.${answer.detail === null ? "" : ` ${answer.detail}`}`,
      nodes,
    );
  const lines = answer.pullRequests.slice(0, most).map((one) => {
    const parts = one.how === "part" ? one.touches.slice(0, 3).map((touch) => label(touch.node)) : [];
    return `${delivered(one.node)}${parts.length === 0 ? "" : `: ${list(parts)}`}${how[one.how] ?? ""}`;
  });
  return answered(
    `${counted(answer.page, `${adjective}pull request`)}${verb}${verb === "" ? place : ` ${label(node as GraphNode)}`}:\n\n${bullets(lines, most, more(answer.page, lines.length))}`,
    unique([...nodes, ...answer.pullRequests.flatMap((one) => [one.node, ...one.touches.map((touch) => touch.node)])]),
    answer.page.truncated,
  );
}

export async function issues({ of, state }: Of<"issues">, access: GraphAccess): Promise<Answered> {
  const { node, missing } = await about(of, access);
  if (missing !== null) return missing;
  const answer = await access.run<IssuesAnswer>("delivery.issues", {
    node: node?.id,
    state: state ?? undefined,
    limit: 50,
  });
  const adjective = state === null ? "" : `${state} `;
  const place = node === null ? "" : node.type === "Repository" ? ` in ${label(node)}` : ` linked to ${label(node)}`;
  const nodes = node === null ? [] : [node];
  if (answer.issues.length === 0)
    return answered(
      `There is no ${adjective}issue${place} that the graph knows of.${answer.detail === null ? "" : ` ${answer.detail}`}`,
      nodes,
    );
  const lines = answer.issues.slice(0, most).map((one) => {
    const pulls = one.through.map((touch) => touch.node).filter((end) => end.type === "PullRequest");
    const by =
      one.how === "title"
        ? " — its title names it"
        : pulls.length > 0
          ? ` — through ${list(pulls.slice(0, 3).map((pull) => linked(`#${text(pull, "number")}`, text(pull, "url"))))}`
          : "";
    return `${delivered(one.node)}${by}`;
  });
  return answered(
    `${counted(answer.page, `${adjective}issue`)}${place}:\n\n${bullets(lines, most, more(answer.page, lines.length))}`,
    unique([...nodes, ...answer.issues.flatMap((one) => [one.node, ...one.through.map((touch) => touch.node)])]),
    answer.page.truncated,
  );
}

export async function pipelines({ of, deploys }: Of<"pipelines">, access: GraphAccess): Promise<Answered> {
  const { node, missing } = await about(of, access);
  if (missing !== null) return missing;
  const ask = (only: boolean): Promise<PipelinesAnswer> =>
    access.run<PipelinesAnswer>("delivery.pipelines", { node: node?.id, deploys: only ? true : undefined, limit: 50 });
  let answer = await ask(deploys);
  const name = node === null ? "" : ` ${label(node)}`;
  const nodes = node === null ? [] : [node];
  let intro = "";
  if (answer.pipelines.length === 0 && deploys) {
    const builds = await ask(false);
    if (builds.pipelines.length > 0) {
      intro = `No pipeline that the graph knows of deploys${name}; no deployment names one. These build it:`;
      answer = builds;
    }
  }
  if (answer.pipelines.length === 0)
    return answered(
      `No pipeline that the graph knows of ${deploys ? "deploys" : "is there for"}${name || " anything"}.${answer.detail === null ? "" : ` ${answer.detail}`}`,
      nodes,
    );
  const lines = answer.pipelines.slice(0, most).map((one) => {
    const places = one.environments.map(
      ({ name: place, deployment }) =>
        `${codeSpan(place)} (${[text(deployment, "state"), when(text(deployment, "createdAt"))].filter((part) => part !== "").join(", ")})`,
    );
    const state = text(one.node, "state");
    return `${label(one.node)} (${codeSpan(text(one.node, "path"))}${state === "" ? "" : `, last run: ${state}`})${places.length === 0 ? "" : ` deploys to ${list(places)}`}`;
  });
  if (intro === "")
    intro = `${counted(answer.page, "pipeline")} ${answer.page.total === 1 ? (deploys ? "deploys" : "builds") : deploys ? "deploy" : "build"}${name || " something"}:`;
  return answered(
    `${intro}\n\n${bullets(lines, most, more(answer.page, lines.length))}`,
    unique([
      ...nodes,
      ...answer.pipelines.flatMap((one) => [one.node, ...one.environments.map((place) => place.deployment)]),
    ]),
    answer.page.truncated,
  );
}

export async function deployments(
  { of, environment, current, since }: Of<"deployments">,
  zone: string,
  access: GraphAccess,
): Promise<Answered> {
  const { node, missing } = await about(of, access);
  if (missing !== null) return missing;
  const answer = await access.run<DeploymentsAnswer>("delivery.deployments", {
    node: node?.id,
    environment: environment ?? undefined,
    since: since?.at.toISOString(),
    current: current ? true : undefined,
    limit: 50,
  });
  const said = `${node === null ? "" : ` of ${label(node)}`}${environment === null ? "" : ` to ${codeSpan(environment)}`}${sinceText(since, zone)}`;
  const nodes = node === null ? [] : [node];
  if (answer.deployments.length === 0) {
    const others = answer.environments.filter((name) => name !== "");
    const hint = environment !== null && others.length > 0 ? ` Known environments: ${list(others.map(codeSpan))}.` : "";
    return answered(
      `The graph knows of no deployment${said}.${hint}${answer.detail === null ? "" : ` ${answer.detail}`}`,
      nodes,
    );
  }
  const lines = answer.deployments.slice(0, most).map((one) => {
    const sha = text(one.node, "sha").slice(0, 10);
    const by = one.pipeline === null ? "" : `, by ${label(one.pipeline)}`;
    const what = one.repository === null ? codeSpan(one.node.name) : label(one.repository);
    const state = text(one.node, "state");
    return `${what} ${codeSpan(text(one.node, "ref"))}${sha === "" ? "" : ` at \`${sha}\``} to ${codeSpan(text(one.node, "environment"))}, ${when(text(one.node, "createdAt"))}${state === "" ? "" : ` (${state})`}${by}`;
  });
  return answered(
    `${current ? "Deployed now" : counted(answer.page, "deployment")}${said}:\n\n${bullets(lines, most, more(answer.page, lines.length))}`,
    unique([
      ...nodes,
      ...answer.deployments.flatMap((one) => [
        one.node,
        ...[one.repository, one.pipeline, one.commit].filter((part) => part !== null),
      ]),
    ]),
    answer.page.truncated,
  );
}

export async function owners({ of }: Of<"owners">, zone: string, access: GraphAccess): Promise<Answered> {
  const node = await access.resolve(of, "Repository");
  if (node === null) return unknown(of);
  const answer = await access.run<OwnersAnswer>("delivery.owners", { node: node.id, limit: 100 });
  if (answer.owners.length === 0) {
    // Nobody is stated; who works on it is the next best.
    const worked = await changes({ intent: "changes", of, since: null, who: true }, zone, access);
    const why = answer.detail ?? "Neither a CODEOWNERS file nor an integration says.";
    return { ...worked, text: `No owner of ${label(node)} is stated. ${why}\n\n${worked.text}` };
  }
  const lines = [...Map.groupBy(answer.owners, (one) => one.node.id).values()].map((owned) => {
    const [first] = owned;
    if (first === undefined) return "";
    const stated = first.edge.provenance[0]?.evidence[0];
    const places = owned.map((one) => label(one.of)).slice(0, 3);
    const part =
      first.how === "itself"
        ? ""
        : first.how === "inherited"
          ? ` — through ${places[0] ?? ""}`
          : ` — ${list(places)}${owned.length > 3 ? ` and ${owned.length - 3} more` : ""}`;
    return `${codeSpan(first.node.name)} (${plainType(first.node.type)})${part}${stated === undefined ? "" : `, ${codeSpan(stated)}`}`;
  });
  const parts = answer.owners[0]?.how === "part" ? `Parts of ${label(node)} are owned` : `${label(node)} is owned`;
  return answered(
    `${parts} by:\n\n${bullets(lines, most)}`,
    unique([node, ...answer.owners.flatMap((one) => [one.node, one.of])]),
    answer.page.truncated,
  );
}

/** "Tell me about PR 12": where it stands, what it changes, what it closes, who reviewed. */
export async function item({ kind, number, within }: Of<"item">, access: GraphAccess): Promise<Answered> {
  const { node, missing } = await about(within, access);
  if (missing !== null) return missing;
  const found: GraphNode[] = [];
  let detail: string | null = null;
  if (kind !== "issue") {
    const answer = await access.run<PullRequestsAnswer>("delivery.pullRequests", { node: node?.id, number });
    found.push(...answer.pullRequests.map((one) => one.node));
    ({ detail } = answer);
  }
  if (kind !== "pull request" && found.length === 0) {
    const answer = await access.run<IssuesAnswer>("delivery.issues", { node: node?.id, number });
    found.push(...answer.issues.map((one) => one.node));
    detail ??= answer.detail;
  }
  const name = `${kind ?? "pull request or issue"} #${number}`;
  const [only, ...others] = found;
  if (only === undefined)
    return {
      ...answered(
        `The graph knows no ${name}${node === null ? "" : ` in ${label(node)}`}.${detail === null ? "" : ` ${detail}`}`,
      ),
      understood: false,
    };
  if (others.length > 0)
    return answered(
      `There are ${found.length} with the number ${number}; say in which repository:\n\n${bullets(
        found.map((one) => `${delivered(one)} — \`${one.key}\``),
        most,
      )}`,
      found,
    );
  return await describeItem(only, access);
}

async function describeItem(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const answer = await access.run<NodeAnswer>("graph.getNode", { id: node.id, limit: 200 });
  const ends = (type: string, outgoing: boolean): { node: GraphNode; props: Record<string, unknown> }[] =>
    answer.neighbors.flatMap((one) => {
      const edge = one.edges.find((each) => each.type === type && (each.from === node.id) === outgoing);
      return edge === undefined ? [] : [{ node: one.node, props: edge.props }];
    });
  const facts: string[] = [];
  const dates = [
    ["opened", "createdAt"],
    ["merged", "mergedAt"],
    ["closed", "closedAt"],
    ["last changed", "updatedAt"],
  ] as const;
  const told = dates.flatMap(([word, prop]) => (text(node, prop) === "" ? [] : [`${word} ${when(text(node, prop))}`]));
  if (told.length > 0) facts.push(told.join(", "));
  if (text(node, "head") !== "")
    facts.push(`from ${codeSpan(text(node, "head"))} into ${codeSpan(text(node, "base"))}`);
  const labels = node.props["labels"];
  if (Array.isArray(labels) && labels.length > 0)
    facts.push(`labels: ${list(labels.filter((one) => typeof one === "string").map(codeSpan))}`);
  const changed = ends("CHANGES", true).map((one) => one.node);
  const files = changed.filter((one) => one.type === "File");
  const symbols = changed.filter((one) => one.type !== "File");
  const all = Number(text(node, "changedFiles") || files.length);
  if (all > 0)
    facts.push(
      `changes ${count(all, "file")}${files.length === 0 ? "" : `: ${list(files.slice(0, 5).map(label))}${all > 5 ? ` and ${all - Math.min(5, files.length)} more` : ""}`}`,
    );
  if (symbols.length > 0)
    facts.push(
      `touches ${list(symbols.slice(0, 8).map(describeNode))}${symbols.length > 8 ? ` and ${symbols.length - 8} more` : ""}`,
    );
  const mentions = ends("MENTIONS", true);
  for (const one of mentions.slice(0, 10))
    facts.push(`${one.props["closes"] === true ? "closes" : "mentions"} ${delivered(one.node)}`);
  const pulls = ends("MENTIONS", false).map((one) => one.node);
  if (pulls.length > 0) facts.push(`mentioned by ${list(pulls.slice(0, 5).map(delivered))}`);
  const reviews = ends("REVIEWED", false).map(
    (one) => `${codeSpan(one.node.name)}${typeof one.props["state"] === "string" ? ` (${one.props["state"]})` : ""}`,
  );
  if (reviews.length > 0) facts.push(`reviewed by ${list(reviews)}`);
  const body = firstSentence(text(node, "body").trim(), 300);
  return answered(
    [
      `${plainType(node.type).replace(/^./, (letter) => letter.toUpperCase())} ${delivered(node)}:`,
      bullets(facts, 30),
      ...(body === "" ? [] : [`It says: ${codeSpan(body)}`]),
    ].join("\n\n"),
    unique([node, ...changed, ...mentions.map((one) => one.node), ...pulls]),
    answer.page.truncated,
  );
}
