// Invented incidents on the graph of a real repository: what failed, what changed around it, what people saw, and which change did it.
import type { EdgeFact } from "@opentrace/contract/facts.ts";
import type { Evidence } from "@opentrace/contract/incidents.ts";
import { deploymentKey, directoryKey, fileKey, pullRequestKey, repositoryKey } from "@opentrace/contract/keys.ts";
import { symbolsOfFile } from "../../graph/file-symbols.ts";
import { batch, edge, node } from "../../graph/testing/sample.ts";
import { edgeTypeNumbers, nodeTypeNumbers } from "../../graph/vocabulary.ts";
import type { Store } from "../../store/store.ts";
import type { IncidentFacts } from "../incident-facts.ts";
import { isConfiguration, neverRuns } from "../path-kinds.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The same numbers in every run. */
function createRandom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface Place {
  key: string;
  path: string;
  symbol: string;
  lines: [number, number];
}

/** What scenarios are made of: functions, what they call, files that hold configuration or documentation. */
export interface CodeMap {
  repository: string;
  places: ReadonlyMap<string, Place>;
  calls: ReadonlyMap<string, readonly string[]>;
  configuration: readonly string[];
  documents: readonly string[];
}

const mostPlaces = 4_000;

export async function readCodeMap(store: Store, repository: string): Promise<CodeMap> {
  const rows = await store.graph
    .selectFrom("nodes")
    .select(["id", "key", "type"])
    .where("type", "in", nodeTypeNumbers(["File", "Function", "Method"]))
    .orderBy("id")
    .execute();
  const own = rows.filter(({ key }) => /^[a-z]+:([^#]*)/.exec(key)?.[1] === repository);
  const [fileType] = nodeTypeNumbers(["File"]);
  const paths = own.filter(({ type }) => type === fileType).map(({ key }) => key.split("#")[1] ?? "");
  const keyOf = new Map(own.map(({ id, key }) => [id, key]));
  const places = new Map<string, Place>();
  for (const path of paths) {
    if (neverRuns(path) || places.size >= mostPlaces) continue;
    for (const one of await symbolsOfFile(store, "default", fileKey(repository, path)))
      if (one.endLine - one.startLine >= 2)
        places.set(one.key, {
          key: one.key,
          path,
          symbol: one.key.split("#")[2] ?? "",
          lines: [one.startLine, one.endLine],
        });
  }
  const edges = await store.graph
    .selectFrom("edges")
    .select(["src", "dst"])
    .where("type", "in", edgeTypeNumbers(["CALLS"]))
    .orderBy("src")
    .orderBy("dst")
    .execute();
  const calls = new Map<string, string[]>();
  for (const { src, dst } of edges) {
    const [from, to] = [keyOf.get(src), keyOf.get(dst)];
    if (from === undefined || to === undefined || from === to || !places.has(from) || !places.has(to)) continue;
    calls.set(from, [...(calls.get(from) ?? []), to]);
  }
  return {
    repository,
    places,
    calls,
    configuration: paths.filter(isConfiguration),
    documents: paths.filter((path) => /\.(?:md|rst|txt)$/.test(path) && neverRuns(path)),
  };
}

export interface Scenario {
  name: string;
  kind: string;
  facts: IncidentFacts;
  scopes: ReturnType<typeof batch>["scopes"];
  /** Null: none of the changes did it. */
  culprit: string | null;
}

interface Changed {
  title: string;
  /** Before the onset, in ms; below zero = after it. */
  before: number;
  places?: readonly Place[];
  /** Files that are changed without a known symbol. */
  paths?: readonly string[];
}

/** Writes down one scenario. */
function createScene(map: CodeMap, seed: number, onset: number) {
  const random = createRandom(seed);
  const pick = <T>(from: readonly T[]): T => {
    const one = from[Math.floor(random() * from.length)];
    if (one === undefined) throw new Error(`${map.repository} has nothing to pick from for scenario ${seed}`);
    return one;
  };
  const scopes: { scope: string; nodes: ReturnType<typeof node>[]; edges: EdgeFact[] }[] = [];
  const evidence: Evidence[] = [];
  const time = (before: number): string => new Date(onset - before).toISOString();
  let number = seed * 100;
  const all = [...map.places.values()];

  const change = ({ title, before, places = [], paths = [] }: Changed): string => {
    number++;
    const key = pullRequestKey(map.repository, number);
    const files = new Map<string, [number, number][]>(paths.map((path) => [path, []]));
    const edges: EdgeFact[] = [edge(repositoryKey(map.repository), "CONTAINS", key)];
    for (const { key: symbol, path, lines } of places) {
      // Two lines in the middle of the function.
      const at = Math.floor((lines[0] + lines[1]) / 2);
      files.set(path, [...(files.get(path) ?? []), [at, at + 1]]);
      edges.push(edge(key, "CHANGES", symbol, { props: { lines: [[at, at + 1]] } }));
    }
    for (const [path, lines] of files)
      edges.push(edge(key, "CHANGES", fileKey(map.repository, path), { props: lines.length === 0 ? {} : { lines } }));
    const at = time(before);
    const props = { number, state: "merged", author: pick(people), createdAt: time(before + day), updatedAt: at };
    scopes.push({
      scope: `scenario/${key}`,
      nodes: [node(key, "PullRequest", title, { ...props, mergedAt: at, url: `https://host.example/pull/${number}` })],
      edges,
    });
    return key;
  };
  const scene = {
    random,
    pick,
    change,
    evidence,
    place: (): Place => pick(all),
    /** Something that calls something that calls something, in files of its own where there is such. */
    chain(): [Place, Place, Place] {
      for (let tries = 0; tries < 500; tries++) {
        const [first, ...rest] = [pick([...map.calls.keys()])];
        const second = pick(map.calls.get(first ?? "") ?? [""]);
        const third = pick(map.calls.get(second) ?? [""]);
        const places = [first ?? "", second, third].flatMap((key) => map.places.get(key) ?? []);
        const [a, b, c] = places;
        if (a === undefined || b === undefined || c === undefined || rest.length > 0) continue;
        if (new Set([a.key, b.key, c.key]).size < 3) continue;
        if (tries < 300 && (a.path === b.path || b.path === c.path)) continue;
        return [a, b, c];
      }
      throw new Error(`${map.repository} has no chain of calls`);
    },
    /** Changes of other people in the days before, none of which touches `not`. */
    others(count: number, not: readonly Place[], from = 15 * minute, to = 6 * day): void {
      const avoid = new Set(not.map(({ path }) => path));
      for (let at = 0; at < count; at++) {
        const places = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(all)).filter(
          ({ path }) => !avoid.has(path),
        );
        change({ title: pick(titles), before: from * (to / from) ** random(), places });
      }
    },
    deploy(before: number): string {
      number++;
      const key = deploymentKey(map.repository, number);
      const at = time(before);
      scopes.push({
        scope: `scenario/${key}`,
        nodes: [
          node(key, "Deployment", "production: main", {
            environment: "production",
            ref: "main",
            state: "success",
            createdAt: at,
            updatedAt: at,
          }),
        ],
        edges: [
          edge(repositoryKey(map.repository), "CONTAINS", key),
          edge(key, "DEPLOYS", repositoryKey(map.repository)),
        ],
      });
      return key;
    },
    see(type: string, title: string, content: string, from: number | null = null): void {
      evidence.push(
        evidenceOf(`ev_${seed}_${evidence.length}`, type, title, content, from === null ? null : time(from)),
      );
    },
    /** A stack trace through these, the first where it failed. */
    trace(...through: readonly Place[]): void {
      const python = through[0]?.path.endsWith(".py") === true;
      const frames = through.map(({ path, symbol, lines }) => {
        const at = Math.floor((lines[0] + lines[1]) / 2);
        const name = symbol.split(".").at(-1) ?? symbol;
        return python
          ? `  File "/srv/app/${path}", line ${at}, in ${name}`
          : `    at ${symbol} (/srv/app/${path}:${at}:9)`;
      });
      scene.see(
        "log",
        "Log of a worker",
        python
          ? ["Traceback (most recent call last):", ...frames.toReversed(), "RuntimeError: unexpected state"].join("\n")
          : ["Error: unexpected state", ...frames].join("\n"),
      );
    },
    end(kind: string, affected: Place | null, culprit: string | null): Scenario {
      const id = `inc_scenario_${seed}`;
      const services =
        affected === null
          ? [repositoryKey(map.repository)]
          : seed % 3 === 0
            ? [repositoryKey(map.repository)]
            : [
                affected.path.includes("/") && seed % 3 === 1
                  ? directoryKey(map.repository, affected.path.split("/").slice(0, -1).join("/"))
                  : fileKey(map.repository, affected.path),
              ];
      return {
        name: `${map.repository.split("/").at(-1)}: ${kind} ${seed}`,
        kind,
        culprit,
        scopes: batch(scopes).scopes,
        facts: {
          incident: {
            id,
            reference: id,
            title: pick(complaints),
            description: "",
            severity: "high",
            status: "open",
            owner: null,
            services,
            tags: [],
            startedAt: onset,
            createdAt: onset + 4 * minute,
            acknowledgedAt: null,
            resolvedAt: null,
            createdBy: "test",
          },
          evidence,
          history: [],
          comments: [],
          left: [],
        },
      };
    },
  };
  return scene;
}

const evidenceOf = (id: string, type: string, title: string, content: string, from: string | null): Evidence => ({
  id,
  incident_id: "",
  evidence_type: type,
  title,
  content,
  content_bytes: content.length,
  content_truncated: false,
  content_url: null,
  source: null,
  source_url: null,
  services: [],
  nodes: [],
  starts_at: from,
  ends_at: null,
  evidence_metadata: {},
  analysis: null,
  reading: "none",
  image: null,
  moved_from: null,
  version: 1,
  created_by: "test",
  created_by_name: null,
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
});

const people = ["ada", "grace", "edsger", "barbara", "ken"];
const titles =
  "Make the output shorter|Accept more kinds of input|Drop a needless copy|Rename an option|Cache what is read twice|Close what is opened|Say what went wrong|Split a long function|Use the new interface|Remove what nobody calls|Handle an empty list|Keep the order".split(
    "|",
  );
const complaints =
  "Requests fail|Users see an error page|Jobs don't finish|Answers take too long|Half of the calls time out".split("|");

type Scene = ReturnType<typeof createScene>;
/** 20 minutes to 20 hours before: what is found is not only the last change. */
const someTime = (scene: Scene): number => 20 * minute * 60 ** scene.random();

const kinds = {
  "the line that failed"(scene: Scene) {
    const [failing, callee] = scene.chain();
    const culprit = scene.change({ title: "Handle an empty list", before: someTime(scene), places: [failing] });
    scene.others(8, [failing]);
    scene.trace(failing, callee);
    return { affected: failing, culprit };
  },
  "what the failing function calls"(scene: Scene) {
    const [failing, callee] = scene.chain();
    const culprit = scene.change({ title: "Keep the order", before: someTime(scene), places: [callee] });
    scene.others(8, [failing, callee]);
    scene.trace(failing);
    return { affected: failing, culprit };
  },
  "two calls behind the trace"(scene: Scene) {
    const [failing, callee, behind] = scene.chain();
    const culprit = scene.change({ title: "Drop a needless copy", before: someTime(scene), places: [behind] });
    scene.others(8, [failing, callee, behind]);
    scene.trace(failing);
    return { affected: failing, culprit };
  },
  "a file that a log names"(scene: Scene) {
    const [failing] = scene.chain();
    const culprit = scene.change({ title: "Use the new interface", before: someTime(scene), places: [failing] });
    scene.others(8, [failing]);
    scene.see("log", "Log of the service", `WARN ${failing.path}: gave up after 3 tries`);
    return { affected: failing, culprit };
  },
  "only figures are seen"(scene: Scene) {
    const [failing] = scene.chain();
    const culprit = scene.change({ title: "Cache what is read twice", before: 25 * minute, places: [failing] });
    scene.others(10, [failing], 2 * hour);
    scene.see("metric", "Latency p99", "p99 rose from 120 ms to 4.1 s", 0);
    return { affected: failing, culprit };
  },
  "merged days ago, deployed just now"(scene: Scene) {
    const [failing, callee] = scene.chain();
    scene.deploy(3 * day);
    const culprit = scene.change({ title: "Split a long function", before: 2 * day, places: [failing] });
    scene.others(6, [failing], 4 * hour, 2.5 * day);
    scene.deploy(14 * minute);
    scene.trace(failing, callee);
    return { affected: failing, culprit };
  },
  "a repair came after the onset"(scene: Scene) {
    const [failing, callee] = scene.chain();
    const culprit = scene.change({ title: "Rename an option", before: 3 * hour, places: [callee] });
    scene.change({ title: "Catch the failure", before: -25 * minute, places: [failing] });
    scene.others(7, [failing, callee]);
    scene.trace(failing, callee);
    return { affected: failing, culprit };
  },
  "a change of everything came too"(scene: Scene) {
    const [failing, callee] = scene.chain();
    const culprit = scene.change({ title: "Handle an empty list", before: 2 * hour, places: [failing] });
    const everything = Array.from({ length: 80 }, () => scene.place());
    scene.change({ title: "Format all files", before: 30 * minute, places: [...everything, callee] });
    scene.others(6, [failing]);
    scene.trace(failing, callee);
    return { affected: failing, culprit };
  },
  "documentation is newer"(scene: Scene, map: CodeMap) {
    const [failing, callee] = scene.chain();
    const culprit = scene.change({ title: "Say what went wrong", before: 100 * minute, places: [failing] });
    scene.change({ title: "Tidy the docs", before: 4 * minute, paths: [scene.pick(map.documents)] });
    scene.others(7, [failing], 3 * hour);
    scene.trace(failing, callee);
    return { affected: failing, culprit };
  },
  configuration(scene: Scene, map: CodeMap) {
    const path = scene.pick(map.configuration);
    const culprit = scene.change({ title: "Raise a limit", before: 20 * minute, paths: [path] });
    const [failing] = scene.chain();
    scene.others(8, [failing], 3 * hour);
    scene.see("log", "Start-up log", `ERROR cannot read ${path}: unknown option`);
    return { affected: null, culprit };
  },
  "named by its number"(scene: Scene) {
    const [failing, , behind] = scene.chain();
    const culprit = scene.change({ title: "Accept more kinds of input", before: 5 * hour, places: [behind] });
    scene.others(9, [failing, behind]);
    scene.see("note", "From the chat", `It began when #${culprit.split("#").at(-1)} went out, I think`);
    return { affected: failing, culprit };
  },
  "several near, one in the trace"(scene: Scene) {
    const [failing, callee, behind] = scene.chain();
    const culprit = scene.change({ title: "Close what is opened", before: 4 * hour, places: [callee] });
    scene.change({ title: "Make the output shorter", before: 30 * minute, places: [behind] });
    const near = scene.place();
    scene.change({ title: "Rename an option", before: 50 * minute, places: [near] });
    scene.others(5, [failing, callee, behind]);
    scene.trace(callee, failing);
    return { affected: failing, culprit };
  },
  "none: only old changes elsewhere"(scene: Scene) {
    const [failing] = scene.chain();
    scene.others(7, [failing], 2 * day);
    scene.see("log", "Log of the database", "connection refused by 10.0.0.7: too many clients");
    return { affected: failing, culprit: null };
  },
  "none: all came after the onset"(scene: Scene) {
    const [failing, callee] = scene.chain();
    scene.change({ title: "Try again", before: -10 * minute, places: [failing] });
    scene.change({ title: "Try again once more", before: -40 * minute, places: [callee] });
    scene.trace(failing, callee);
    return { affected: failing, culprit: null };
  },
  "none: only documentation"(scene: Scene, map: CodeMap) {
    const [failing] = scene.chain();
    for (let at = 1; at <= 3; at++)
      scene.change({ title: "Tidy the docs", before: at * 20 * minute, paths: [scene.pick(map.documents)] });
    scene.others(4, [failing], 3 * day);
    scene.see("metric", "Errors", "5xx rose to 12 %", 0);
    return { affected: failing, culprit: null };
  },
  "none: it shows before the change"(scene: Scene) {
    const [failing, callee] = scene.chain();
    scene.change({ title: "Keep the order", before: 2 * hour, places: [scene.place()] });
    scene.others(5, [failing, callee], day);
    scene.see("metric", "Free disk", "fell below 1 %", 5 * hour);
    return { affected: failing, culprit: null };
  },
} satisfies Record<string, (scene: Scene, map: CodeMap) => { affected: Place | null; culprit: string | null }>;

export const scenarioKinds = Object.keys(kinds);

/** Each kind once with each seed. */
export const makeScenarios = (map: CodeMap, seeds: readonly number[], onset: number): Scenario[] =>
  seeds.flatMap((seed) =>
    Object.entries(kinds).map(([kind, play], at) => {
      const scene = createScene(map, seed * scenarioKinds.length + at, onset);
      const { affected, culprit } = play(scene, map);
      return scene.end(kind, affected, culprit);
    }),
  );
