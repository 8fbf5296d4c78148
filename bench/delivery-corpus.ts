// What an organization of many repositories is after its code was indexed and its code host synced, made up but shaped as both write it.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import type { EdgeType, NodeType, Props } from "@opentrace/contract/graph.ts";
import {
  commitKey,
  deploymentKey,
  directoryKey,
  fileKey,
  issueKey,
  pipelineKey,
  pullRequestKey,
  repositoryKey,
  symbolKey,
  userKey,
} from "@opentrace/contract/keys.ts";
import type { Ingest } from "@opentrace/server/src/graph/ingest.ts";

export interface DeliverySize {
  repositories: number;
  /** Issues and pull requests of all of them together. */
  items: number;
}

interface Scope {
  scope: string;
  hash: string;
  nodes: NodeFact[];
  edges: EdgeFact[];
}

const host = "github.com";
const filesEach = 30;
const functionsEach = 8;
const commitsEach = 120;
const deploymentsEach = 60;
const words =
  "cart total rounding address payment retry queue timeout invoice tax refund session token cache index".split(" ");

export const repoName = (at: number): string => `service-${at}`;
export const repoOf = (at: number): string => `${host}/acme/${repoName(at)}`;
const pathOf = (at: number): string => `src/part${Math.floor(at / 10)}/module${at}.py`;
export const functionOf = (repository: number, file: number, at: number): string =>
  symbolKey(repoOf(repository), pathOf(file), `handle_${file}_${at}`);

const node = (key: string, type: NodeType, name: string, props: Props = {}): NodeFact => ({ key, type, name, props });
const edge = (from: string, type: EdgeType, to: string, more: Partial<EdgeFact> = {}): EdgeFact => ({
  from,
  to,
  type,
  ...more,
});

/** Seconds ago, as vendors write times. */
const ago = (seconds: number): string => `${new Date(Date.now() - seconds * 1_000).toISOString().slice(0, 19)}Z`;
const day = 86_400;

function* codeOf(at: number): Generator<Scope> {
  const repo = repoOf(at);
  const root = repositoryKey(repo);
  yield { scope: "repository", hash: "1", nodes: [node(root, "Repository", repoName(at), {})], edges: [] };
  for (let file = 0; file < filesEach; file++) {
    const path = pathOf(file);
    const key = fileKey(repo, path);
    const folder = directoryKey(repo, path.slice(0, path.lastIndexOf("/")));
    const scope: Scope = {
      scope: path,
      hash: "1",
      nodes: [
        node(folder, "Directory", `part${Math.floor(file / 10)}`, {}),
        node(key, "File", path.slice(path.lastIndexOf("/") + 1), { path, language: "python" }),
      ],
      edges: [edge(root, "CONTAINS", folder), edge(folder, "CONTAINS", key)],
    };
    for (let one = 0; one < functionsEach; one++) {
      const own = functionOf(at, file, one);
      scope.nodes.push(
        node(own, "Function", `handle_${file}_${one}`, { path, line: one * 10 + 1, endLine: one * 10 + 9 }),
      );
      scope.edges.push(edge(key, "DEFINES", own));
      scope.edges.push(edge(own, "CALLS", functionOf(at, (file + 1) % filesEach, one)));
    }
    yield scope;
  }
  for (let one = 0; one < commitsEach; one++) {
    const key = commitKey(repo, shaOf(at, one));
    yield {
      scope: `commit ${one}`,
      hash: "1",
      nodes: [
        node(key, "Commit", `Change ${words[one % words.length]}`, {
          committedAt: ago(one * 0.4 * day),
          authoredAt: ago(one * 0.4 * day),
        }),
      ],
      edges: [edge(root, "CONTAINS", key), edge(key, "CHANGES", fileKey(repo, pathOf(one % filesEach)))],
    };
  }
}

const shaOf = (at: number, one: number): string =>
  `${at.toString(16).padStart(8, "0")}${one.toString(16).padStart(32, "0")}`;

function* deliveryOf(at: number, items: number): Generator<Scope> {
  const repo = repoOf(at);
  const root = repositoryKey(repo);
  const page = `https://${repo}`;
  const props = (number: number, state: string): Props => ({
    number,
    state,
    author: `user-${number % 50}`,
    labels: ["bug"],
    assignees: [],
    createdAt: ago((items - number + 2) * 3 * day),
    updatedAt: ago((items - number) * 0.7 * day + at),
    closedAt: state === "open" ? null : ago((items - number) * 0.7 * day),
    body: `It does not do what it should with the ${words[number % words.length]}. `.repeat(10),
  });
  for (let number = 1; number <= items; number++) {
    const author = userKey(host, `user-${number % 50}`);
    const person = node(author, "Person", `user-${number % 50}`, { login: `user-${number % 50}` });
    if (number % 5 !== 0) {
      const key = issueKey(repo, number);
      yield {
        scope: `${at}/issues/${number}`,
        hash: "1",
        nodes: [
          person,
          node(key, "Issue", `The ${words[number % words.length]} is wrong`, {
            ...props(number, number % 4 === 0 ? "open" : "closed"),
            url: `${page}/issues/${number}`,
          }),
        ],
        edges: [edge(root, "CONTAINS", key), edge(author, "AUTHORED", key)],
      };
      continue;
    }
    const key = pullRequestKey(repo, number);
    const file = number % filesEach;
    const evidence = [`${page}/pull/${number}/files`];
    const lines = { props: { lines: [[1, 5]] }, evidence };
    yield {
      scope: `${at}/pulls/${number}`,
      hash: "1",
      nodes: [
        person,
        node(key, "PullRequest", `Mend the ${words[number % words.length]}`, {
          ...props(number, number % 50 === 0 ? "open" : "merged"),
          url: `${page}/pull/${number}`,
        }),
      ],
      edges: [
        edge(root, "CONTAINS", key),
        edge(author, "AUTHORED", key),
        edge(key, "CHANGES", fileKey(repo, pathOf(file)), lines),
        edge(key, "CHANGES", functionOf(at, file, number % functionsEach), lines),
        edge(key, "MENTIONS", issueKey(repo, number - 1), { props: { closes: true } }),
      ],
    };
  }
  const workflow = pipelineKey(repo, ".github/workflows/deploy.yml");
  yield {
    scope: `${at}/pipelines/1`,
    hash: "1",
    nodes: [
      node(workflow, "Pipeline", "Deploy", {
        path: ".github/workflows/deploy.yml",
        active: true,
        state: "success",
        updatedAt: ago(at * 60),
        runs: Array.from({ length: 20 }, (_, run) => ({
          number: 20 - run,
          state: "success",
          branch: "main",
          sha: shaOf(at, run),
          startedAt: ago(run * day + at),
          url: `${page}/actions/runs/${run}`,
        })),
      }),
    ],
    edges: [edge(root, "CONTAINS", workflow), edge(workflow, "BUILDS", root)],
  };
  for (let one = 0; one < deploymentsEach; one++) {
    const key = deploymentKey(repo, one);
    const environment = one % 2 === 0 ? "production" : "staging";
    yield {
      scope: `${at}/deployments/${one}`,
      hash: "1",
      nodes: [
        node(key, "Deployment", `${environment}: main`, {
          environment,
          ref: "main",
          sha: shaOf(at, one),
          current: one < 2,
          state: "success",
          createdAt: ago(one * 0.6 * day + at),
          updatedAt: ago(one * 0.6 * day + at),
        }),
      ],
      edges: [
        edge(root, "CONTAINS", key),
        edge(key, "DEPLOYS", root),
        edge(key, "DEPLOYS", commitKey(repo, shaOf(at, one))),
        edge(workflow, "DEPLOYS", key, { evidence: [`${page}/actions/runs/${one}`] }),
      ],
    };
  }
}

const factsAtOnce = 2_000;

/** A source for the code of each repository, and one for all that the code host says. */
export async function writeDelivery(
  ingest: Ingest,
  { repositories, items }: DeliverySize,
  signal: AbortSignal,
): Promise<void> {
  const workspace = "default";
  const write = async (source: string, scopes: Iterable<Scope>): Promise<void> => {
    let batch: Scope[] = [];
    let facts = 0;
    const flush = async (): Promise<void> => {
      await ingest.apply(
        { workspace, source },
        { scopes: batch, removedScopes: [], files: [], removedFiles: [] },
        signal,
      );
      [batch, facts] = [[], 0];
    };
    for (const scope of scopes) {
      batch.push(scope);
      facts += scope.nodes.length + scope.edges.length;
      if (facts > factsAtOnce) await flush();
    }
    if (batch.length > 0) await flush();
    await ingest.mark({ workspace, source }, { state: "fresh", observedAt: new Date() });
  };
  for (let at = 0; at < repositories; at++) {
    const source = repositoryKey(repoOf(at));
    await ingest.openSource({ workspace, source, name: repoName(at), kind: "repository" });
    await write(source, codeOf(at));
  }
  const source = "integration:int_bench";
  await ingest.openSource({ workspace, source, name: "GitHub acme", kind: "integration" });
  const each = Math.round(items / repositories);
  for (let at = 0; at < repositories; at++) await write(source, deliveryOf(at, each));
}
