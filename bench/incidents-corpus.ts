// Incidents and evidence as a company gathers them over years: few words very often, most words seldom, most incidents long over.
import { createHash } from "node:crypto";
import { searchWords } from "@opentrace/server/src/store/search-words.ts";
import type { BulkTable, ColumnType, SqlValue } from "@opentrace/server/src/store/engine.ts";
import { type Store, untyped } from "@opentrace/server/src/store/store.ts";

export interface CorpusSize {
  incidents: number;
  evidenceEach: number;
}

/** The same numbers in every run. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const seldomWords = 60_000;
export const services = Array.from({ length: 300 }, (_, n) => `service-${n}`);
const owners = Array.from({ length: 200 }, (_, n) => `person${n}@example.org`);
const tags = [
  "eu",
  "us",
  "database",
  "network",
  "deploy",
  "customer",
  ...Array.from({ length: 200 }, (_, n) => `team-${n}`),
];
const common =
  "error request failed timeout connection service database latency user response retry after while upstream refused".split(
    " ",
  );

export const seldomWord = (n: number): string => `w${createHash("sha1").update(String(n)).digest("hex").slice(0, 7)}`;

function sentence(random: () => number, words: number): string {
  const out: string[] = [];
  for (let at = 0; at < words; at++)
    // Zipf, roughly: two of three words are among the common ones.
    out.push(
      random() < 0.66
        ? common[Math.floor(common.length * random() ** 2)]!
        : seldomWord(Math.floor(seldomWords * random() ** 3)),
    );
  return out.join(" ");
}

const table = (name: string, key: string, columns: Record<string, ColumnType>): BulkTable => ({
  table: name,
  columns: Object.entries(columns),
  key: [key],
});
const incidentTable = table("incidents", "seq", {
  seq: "bigint",
  id: "text",
  workspace: "text",
  title: "text",
  description: "text",
  severity: "integer",
  status: "integer",
  owner: "text",
  affected_services: "text",
  affected_nodes: "text",
  tags: "text",
  metadata: "text",
  evidence_count: "integer",
  version: "integer",
  facts_version: "integer",
  created_by: "text",
  started_at: "bigint",
  created_at: "bigint",
  updated_at: "bigint",
});
const evidenceTable = table("evidence", "seq", {
  seq: "bigint",
  id: "text",
  workspace: "text",
  incident: "text",
  evidence_type: "text",
  title: "text",
  content: "text",
  content_bytes: "bigint",
  source: "text",
  services: "text",
  nodes: "text",
  metadata: "text",
  reading: "text",
  created_by: "text",
  created_at: "bigint",
  updated_at: "bigint",
});
const labelTable: BulkTable = {
  table: "incident_labels",
  columns: [
    ["workspace", "text"],
    ["kind", "text"],
    ["label", "text"],
    ["incident", "bigint"],
  ],
  key: ["workspace", "kind", "label", "incident"],
};
const textTable = table("incident_texts", "doc", {
  doc: "bigint",
  workspace: "text",
  incident: "text",
  evidence: "text",
});

const incidentsAStep = 200;
const year = 365 * 24 * 3_600_000;

export async function writeIncidents(store: Store, { incidents, evidenceEach }: CorpusSize): Promise<void> {
  const random = createRandom(7);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(from.length * random() ** 1.5)]!;
  const start = Date.UTC(2023, 0, 1);
  let doc = 0;
  let evidenceSeq = 0;
  for (let first = 1; first <= incidents; first += incidentsAStep) {
    const rows = {
      incident: [] as SqlValue[][],
      evidence: [] as SqlValue[][],
      label: [] as SqlValue[][],
      text: [] as SqlValue[][],
    };
    const words: [number, string, string][] = [];
    for (let seq = first; seq < first + incidentsAStep && seq <= incidents; seq++) {
      const id = `inc_bench${seq}`;
      const at = start + Math.floor(((3 * year) / incidents) * seq);
      const isOpen = seq > incidents * 0.97 && random() < 0.5;
      const title = `${sentence(random, 5)} in ${pick(services)}`;
      const description = sentence(random, 40);
      const own = {
        services: [...new Set([pick(services), pick(services)])],
        tags: [...new Set([pick(tags), pick(tags), pick(tags)])],
      };
      rows.incident.push([
        seq,
        id,
        "default",
        title,
        description,
        Math.floor(random() * 4),
        isOpen ? Math.floor(random() * 2) : 3,
        random() < 0.8 ? pick(owners) : null,
        JSON.stringify(own.services),
        "[]",
        JSON.stringify(own.tags),
        "{}",
        evidenceEach,
        1,
        1,
        "local",
        at,
        at,
        at + Math.floor(random() * 86_400_000),
      ]);
      for (const service of own.services) rows.label.push(["default", "service", service, seq]);
      for (const tag of own.tags) rows.label.push(["default", "tag", tag, seq]);
      rows.text.push([++doc, "default", id, null]);
      words.push([doc, title, description]);
      for (let n = 0; n < evidenceEach; n++) {
        const evidence = `evd_bench${++evidenceSeq}`;
        const content = sentence(random, 60);
        const evidenceTitle = sentence(random, 4);
        rows.evidence.push([
          evidenceSeq,
          evidence,
          "default",
          id,
          pick(["log", "metric", "trace", "note"]),
          evidenceTitle,
          content,
          content.length,
          "datadog",
          "[]",
          "[]",
          "{}",
          "none",
          "local",
          at + n,
          at + n,
        ]);
        rows.text.push([++doc, "default", id, evidence]);
        words.push([doc, "", `${evidenceTitle} ${content}`]);
      }
    }
    await store.app.transaction().execute(async (tx) => {
      const db = untyped(tx);
      await store.appEngine.insertRows(db, incidentTable, rows.incident, "ignore");
      await store.appEngine.insertRows(db, labelTable, rows.label, "ignore");
      await store.appEngine.insertRows(db, evidenceTable, rows.evidence, "ignore");
      await store.appEngine.insertRows(db, textTable, rows.text, "ignore");
      // The newest first, as the embedded index likes to be written.
      for (const [number, title, body] of words.toReversed()) {
        const text = { title: searchWords(title), body: searchWords(body) };
        await store.appEngine.text.put(db, "incident_words", number, text);
        if (title !== "") await store.appEngine.text.put(db, "incident_titles", number, { ...text, body: [] });
      }
    });
    if (first % 10_000 === 1) console.log(`${first - 1} of ${incidents} incidents written`);
  }
  // Numbers were given by hand: the server goes on behind them.
  if (store.appEngine.kind === "postgres") {
    const { app } = store;
    const last = [
      ["incidents", "seq", app.selectFrom("incidents").select(({ fn }) => fn.max("seq").as("n"))],
      ["evidence", "seq", app.selectFrom("evidence").select(({ fn }) => fn.max("seq").as("n"))],
      ["incident_texts", "doc", app.selectFrom("incident_texts").select(({ fn }) => fn.max("doc").as("n"))],
    ] as const;
    for (const [name, column, most] of last)
      await app
        .selectNoFrom(({ fn, val }) => [
          fn<number>("setval", [fn("pg_get_serial_sequence", [val(name), val(column)]), most]).as("n"),
        ])
        .execute();
  }
}
