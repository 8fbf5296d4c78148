// Hypotheses as stored: ranking proposes, people judge; what a person has said survives every new ranking and goes into it.
import type { Selectable } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type {
  Cause,
  Contribution,
  Hypotheses,
  Hypothesis,
  HypothesisChange,
  HypothesisVerdict,
  NewHypothesis,
  PathStep,
} from "@opentrace/contract/investigation.ts";
import { decodeCursor, encodeCursor, type GraphDeps, isOffset } from "../graph/view.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { HypothesesTable } from "../store/investigation-tables.ts";
import type { VerbContext } from "../verb.ts";
import type { Actions } from "./actions.ts";
import type { IncidentFacts, ReadIncidents } from "./incident-facts.ts";
import { createIncidentRecords } from "./incident-records.ts";
import { investigate, rankInput } from "./investigate.ts";
import {
  checkNarration,
  type Narration,
  narrationData,
  narrationInstructions,
  NarrationAnswer,
  type Narrator,
} from "./narrate.ts";
import type { Judgement, Ranked, Ranker, RankedEvidence } from "./ranking.ts";
import { listOf, newId, timeOrNull, timeText, type WriteContext } from "./records.ts";
import { suggestActions } from "./suggest-actions.ts";

export interface HypothesesDeps extends GraphDeps {
  incidents: ReadIncidents;
  ranker: Ranker;
  actions: Actions;
  feed: Pick<EventFeed, "publish">;
  /** Asked anew each time: models are configured while the server runs. */
  narrator(this: void, workspace: string): Promise<Narrator | null>;
}

type Row = Selectable<HypothesesTable>;

export interface HypothesisStore {
  generate(ctx: VerbContext, reference: string): Promise<Hypotheses>;
  list(
    ctx: Pick<VerbContext, "workspace">,
    reference: string,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<Hypotheses>;
  get(ctx: Pick<VerbContext, "workspace">, id: string): Promise<Hypothesis>;
  add(ctx: WriteContext & Pick<VerbContext, "signal">, reference: string, input: NewHypothesis): Promise<Hypothesis>;
  change(ctx: WriteContext & Pick<VerbContext, "signal">, id: string, changes: HypothesisChange): Promise<Hypothesis>;
}

const mostManual = 200;
const narrationTimeoutMs = 40_000;

export function createHypotheses(deps: HypothesesDeps): HypothesisStore {
  const { store, incidents, ranker, actions, feed, narrator } = deps;
  const { app } = store;
  const records = createIncidentRecords(
    { store, feed },
    { table: "hypotheses", part: "hypotheses", name: "hypothesis", listedAt: "/hypotheses/incident/{incident_id}" },
  );

  async function judgementsOf(incident: string): Promise<Judgement[]> {
    const rows = await app
      .selectFrom("hypotheses")
      .select(["cause_key", "status", "status_reason"])
      .where("incident", "=", incident)
      .execute();
    return rows.map((row) => ({ causeKey: row.cause_key, status: row.status, reason: row.status_reason }));
  }

  const list: HypothesisStore["list"] = async (ctx, reference, { limit, cursor }) => {
    const incident = await incidents.find(ctx, reference);
    const offset = decodeCursor(cursor, isOffset) ?? 0;
    const rows = await app.selectFrom("hypotheses").selectAll().where("incident", "=", incident.id).execute();
    rows.sort(inOrder);
    const verdict = await app
      .selectFrom("hypothesis_verdicts")
      .select("verdict")
      .where("incident", "=", incident.id)
      .executeTakeFirst();
    const shown = rows.slice(offset, offset + limit);
    const next = offset + shown.length;
    return {
      items: shown.map(toHypothesis),
      total: rows.length,
      next_cursor: next < rows.length ? encodeCursor(next) : null,
      verdict: verdict === undefined ? null : (JSON.parse(verdict.verdict) as HypothesisVerdict),
    };
  };

  return {
    list,
    get: async (ctx, id) => toHypothesis(await records.find(ctx.workspace, id)),

    async generate(ctx, reference) {
      const facts = await incidents.read(ctx, reference);
      const { id } = facts.incident;
      const found = await investigate(deps, ctx, facts);
      const judgements = await judgementsOf(id);
      const result = ranker.rank(rankInput(found, facts, judgements));
      const narrations = await narrate(ctx, facts, result.ranked, found.evidence, found.unknown);
      const at = ctx.now().getTime();
      const verdict: HypothesisVerdict = {
        found: result.found,
        summary: result.summary,
        ranker: ranker.name,
        considered: found.changes.length,
        onset: timeText(found.onset.at),
        onset_from: found.onset.from,
        unknown: found.unknown,
        generated_at: timeText(at),
      };
      await write(ctx.workspace, id, { ranked: result.ranked, narrations, verdict, at });
      const likely = result.found ? result.ranked.slice(0, 3) : [];
      await actions.suggest(ctx, id, suggestActions(facts, likely, await idsOf(id)));
      await records.announce(ctx.workspace, id);
      return await list(ctx, id, { limit: 50 });
    },

    async add(ctx, reference, input) {
      const facts = await incidents.read(ctx, reference);
      const { id: incident } = facts.incident;
      needEvidence(facts, [...input.supporting_evidence, ...input.contradicting_evidence]);
      await records.needRoom(incident, mostManual, "manual");
      const id = newId("hyp");
      const at = ctx.now().getTime();
      const row: Row = {
        id,
        workspace: ctx.workspace,
        incident,
        cause_key: `manual:${id}`,
        origin: "manual",
        title: input.title,
        description: input.description ?? null,
        status: "pending",
        status_reason: null,
        status_by: null,
        status_at: null,
        place: null,
        confidence: input.confidence ?? null,
        score: null,
        contributions: "[]",
        supporting: JSON.stringify([...new Set(input.supporting_evidence)]),
        contradicting: JSON.stringify([...new Set(input.contradicting_evidence)]),
        path: "[]",
        cause: null,
        narration: null,
        ranker: null,
        version: 1,
        created_by: ctx.actor.id,
        created_at: at,
        updated_at: at,
      };
      return await records.add(
        ctx,
        { verb: "hypotheses.add", input: { ...input, id: reference } },
        row,
        toHypothesis(row),
      );
    },

    async change(ctx, id, changes) {
      const row = await records.findToChange(ctx, id, changes.version);
      const {
        status,
        reason,
        title,
        description,
        supporting_evidence: supporting,
        contradicting_evidence: contradicting,
      } = changes;
      const isRanked = row.origin === "automatic";
      if (
        isRanked &&
        (title !== undefined || description !== undefined || supporting !== undefined || contradicting !== undefined)
      )
        throw new AppError(
          "conflict",
          `The hypothesis ${row.id} comes from the ranking: only its status and reason can be changed. Add one of your own to say it differently.`,
        );
      if (supporting !== undefined || contradicting !== undefined)
        needEvidence(await incidents.read(ctx, row.incident), [...(supporting ?? []), ...(contradicting ?? [])]);
      const at = ctx.now().getTime();
      const judged = status !== undefined || reason !== undefined;
      return toHypothesis(
        await records.change(ctx, row, {
          ...(judged
            ? {
                status: status ?? row.status,
                // A new status without a reason does not keep the reason of the old one.
                status_reason: reason !== undefined ? reason : status === row.status ? row.status_reason : null,
                status_by: ctx.actor.id,
                status_at: at,
              }
            : {}),
          ...(status === "rejected" ? { place: null } : {}),
          ...(title === undefined ? {} : { title }),
          ...(description === undefined ? {} : { description }),
          ...(supporting === undefined ? {} : { supporting: JSON.stringify([...new Set(supporting)]) }),
          ...(contradicting === undefined ? {} : { contradicting: JSON.stringify([...new Set(contradicting)]) }),
        }),
      );
    },
  };

  async function idsOf(incident: string): Promise<ReadonlyMap<string, string>> {
    const rows = await app
      .selectFrom("hypotheses")
      .select(["id", "cause_key"])
      .where("incident", "=", incident)
      .execute();
    return new Map(rows.map((row) => [row.cause_key, row.id]));
  }

  /** A model that is slow, fails or answers nonsense costs its narration, never the ranking. */
  async function narrate(
    ctx: VerbContext,
    facts: IncidentFacts,
    ranked: readonly Ranked[],
    evidence: readonly RankedEvidence[],
    unknown: string[],
  ): Promise<ReadonlyMap<string, Narration>> {
    if (ranked.length === 0 || evidence.length === 0) return new Map();
    const model = await narrator(ctx.workspace);
    if (model === null) return new Map();
    const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(narrationTimeoutMs)]);
    try {
      const data = narrationData(facts, ranked, evidence);
      const answer = await model.generate(
        { instructions: narrationInstructions, data, schema: NarrationAnswer },
        signal,
      );
      const narrations = checkNarration(answer, {
        model: model.model,
        causes: new Set(ranked.map((one) => one.change.key)),
        evidence: new Set(evidence.map((one) => one.id)),
      });
      if (narrations.size === 0) unknown.push(`The model ${model.model} gave no usable explanation.`);
      return narrations;
    } catch (err) {
      ctx.signal.throwIfAborted();
      ctx.log.warn({ err, model: model.model }, "hypotheses not narrated");
      unknown.push(`The model ${model.model} could not be asked, so the hypotheses have no explanation of its own.`);
      return new Map();
    }
  }

  async function write(
    workspace: string,
    incident: string,
    {
      ranked,
      narrations,
      verdict,
      at,
    }: {
      ranked: readonly Ranked[];
      narrations: ReadonlyMap<string, Narration>;
      verdict: HypothesisVerdict;
      at: number;
    },
  ): Promise<void> {
    const said = JSON.stringify(verdict);
    await app.transaction().execute(async (tx) => {
      await tx
        .insertInto("hypothesis_verdicts")
        .values({ incident, workspace, verdict: said, generated_at: at })
        .onConflict((conflict) => conflict.column("incident").doUpdateSet({ verdict: said, generated_at: at }))
        .execute();
      const stored = await tx
        .selectFrom("hypotheses")
        .selectAll()
        .where("incident", "=", incident)
        .where("origin", "=", "automatic")
        .execute();
      const known = new Map(stored.map((row) => [row.cause_key, row]));
      for (const one of ranked) {
        const columns = toColumns(one, narrations.get(one.change.key) ?? null, verdict.ranker);
        const row = known.get(one.change.key);
        known.delete(one.change.key);
        if (row === undefined) {
          await tx
            .insertInto("hypotheses")
            .values({
              id: newId("hyp"),
              workspace,
              incident,
              cause_key: one.change.key,
              origin: "automatic",
              description: null,
              status: "pending",
              status_reason: null,
              status_by: null,
              status_at: null,
              ...columns,
              version: 1,
              created_by: "system",
              created_at: at,
              updated_at: at,
            })
            .execute();
        } else if (Object.entries(columns).some(([name, value]) => row[name as keyof Row] !== value))
          await tx
            .updateTable("hypotheses")
            .set({ ...columns, version: row.version + 1, updated_at: at })
            .where("id", "=", row.id)
            .execute();
      }
      // No longer proposed: what nobody has judged goes, what a person has spoken about stays without a rank.
      for (const row of known.values()) {
        if (row.status === "pending" && row.status_by === null)
          await tx.deleteFrom("hypotheses").where("id", "=", row.id).execute();
        else if (row.place !== null)
          await tx
            .updateTable("hypotheses")
            .set({ place: null, version: row.version + 1, updated_at: at })
            .where("id", "=", row.id)
            .execute();
      }
    });
  }
}

function needEvidence({ incident, evidence }: IncidentFacts, ids: readonly string[]): void {
  const known = new Set(evidence.map((one) => one.id));
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length === 0) return;
  throw new AppError(
    "unprocessable",
    `The incident ${incident.id} has no evidence ${missing
      .slice(0, 5)
      .map((id) => `"${id}"`)
      .join(", ")}: cite ids of its own evidence.`,
    { details: { missing: missing.slice(0, 50) } },
  );
}

const toColumns = (one: Ranked, narration: Narration | null, ranker: string) => ({
  title: titleOf(one).replaceAll("\0", "\uFFFD").slice(0, 300),
  place: one.rank,
  confidence: one.confidence,
  score: one.score,
  contributions: JSON.stringify(one.contributions),
  supporting: JSON.stringify(one.supporting),
  contradicting: JSON.stringify(one.contradicting),
  path: JSON.stringify(wayOf(one)),
  cause: JSON.stringify(causeOf(one)),
  narration: narration === null ? null : JSON.stringify(narration),
  ranker,
});

const causeWords: Readonly<Record<Cause["kind"], string>> = {
  deployment: "The deployment",
  release: "The release",
  pull_request: "The pull request",
  commit: "The commit",
  config: "The configuration change",
  topology: "The change of what runs:",
  other: "The change",
};

const titleOf = ({ change }: Ranked): string => `${causeWords[change.kind]} "${change.title}"`;

/** Where all of a repository is affected, the way from the stack trace says more. */
function wayOf({ change }: Ranked): readonly PathStep[] {
  const isBroad = change.path.length === 0 || (change.distance === 0 && change.path[0]?.node.type === "Repository");
  return isBroad && change.evidencePath.length > 0 ? change.evidencePath : change.path;
}

const causeOf = ({ change }: Ranked): Cause => ({
  kind: change.kind,
  key: change.key,
  title: change.title,
  at: timeText(change.at),
  effective_at: timeText(change.effectiveAt),
  url: change.url,
  author: change.author,
  node: change.node,
  deployed_by: change.deployedBy?.node ?? null,
});

/** Confirmed first, then by rank, then people's own, then what is no longer proposed, rejected last. */
function inOrder(a: Row, b: Row): number {
  const group = (row: Row): number => {
    if (row.status === "rejected") return 4;
    if (row.status === "confirmed") return 0;
    if (row.place !== null) return 1;
    return row.origin === "manual" ? 2 : 3;
  };
  return (
    group(a) - group(b) || (a.place ?? 0) - (b.place ?? 0) || a.created_at - b.created_at || (a.id < b.id ? -1 : 1)
  );
}

const toHypothesis = (row: Row): Hypothesis => ({
  id: row.id,
  incident_id: row.incident,
  title: row.title,
  description: row.description,
  status: row.status,
  status_reason: row.status_reason,
  status_by: row.status_by,
  status_at: timeOrNull(row.status_at),
  rank: row.place,
  confidence: row.confidence,
  score: row.score,
  contributions: JSON.parse(row.contributions) as Contribution[],
  supporting_evidence: listOf(row.supporting),
  contradicting_evidence: listOf(row.contradicting),
  path: JSON.parse(row.path) as PathStep[],
  cause: row.cause === null ? null : (JSON.parse(row.cause) as Cause),
  narration: row.narration === null ? null : (JSON.parse(row.narration) as Narration),
  origin: row.origin,
  ranker: row.ranker,
  version: row.version,
  created_by: row.created_by,
  created_at: timeText(row.created_at),
  updated_at: timeText(row.updated_at),
});
