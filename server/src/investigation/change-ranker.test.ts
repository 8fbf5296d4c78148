// Built cases: which change is called the likely cause, why, and when none is.
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { changeRanker } from "./change-ranker.ts";
import type { Change, ChangedPlace, RankedEvidence, RankInput } from "./ranking.ts";

const onset = Date.parse("2026-03-01T12:00:00Z");
const minute = 60_000;
const repository = "github.com/acme/shop";

const change = (key: string, more: Partial<Change> & { minutesBefore: number }): Change => {
  const at = onset - more.minutesBefore * minute;
  return {
    key,
    kind: "pull_request",
    title: key,
    at,
    effectiveAt: at,
    repository,
    url: null,
    author: null,
    sha: null,
    node: null,
    environment: null,
    state: null,
    deployedBy: null,
    contains: [],
    places: [],
    distance: null,
    path: [],
    evidenceDistance: null,
    evidencePath: [],
    notDeployed: false,
    details: [],
    ...more,
  };
};

const place = (path: string, symbol: string | null = null, lines: [number, number][] = []): ChangedPlace => ({
  key: symbol === null ? `file:${repository}#${path}` : `symbol:${repository}#${path}#${symbol}`,
  name: symbol ?? path,
  number: null,
  path,
  symbol,
  lines,
});

const evidence = (id: string, text: string, more: Partial<RankedEvidence> = {}): RankedEvidence => ({
  id,
  type: "log",
  title: `evidence ${id}`,
  text,
  from: null,
  ...more,
});

const affected = [{ key: `repo:${repository}`, name: "shop", repository }];
const rank = (input: Partial<RankInput>) =>
  changeRanker.rank({
    onset,
    affected,
    title: "Payments fail",
    description: "",
    evidence: [],
    changes: [],
    judgements: [],
    ...input,
  });

const fees = change("pr:github.com/acme/shop#12", {
  minutesBefore: 25,
  title: "Round fees up",
  distance: 0,
  places: [place("src/pay.ts"), place("src/pay.ts", "PayService.charge", [[14, 18]])],
});
const docs = change("pr:github.com/acme/shop#13", {
  minutesBefore: 10,
  title: "Tidy the docs",
  distance: 0,
  places: [place("docs/readme.md")],
});
const trace = evidence(
  "ev_1",
  "TypeError: amount.toFixed is not a function\n    at PayService.charge (/app/src/pay.ts:16:12)\n    at placeOrder (/app/src/order.ts:9:3)",
);

describe("the change ranker", () => {
  it("prefers the change whose lines the stack trace goes through to one that is more recent", () => {
    const { found, ranked, summary } = rank({ changes: [docs, fees], evidence: [trace] });
    expect(found, summary).toBe(true);
    expect(ranked[0]?.change.key).toBe(fees.key);
    expect(ranked[0]!.confidence).toBeGreaterThan(0.6);
    expect(ranked[0]!.supporting).toEqual(["ev_1"]);
    const words = ranked[0]!.contributions.map((one) => one.words);
    expect(words).toContain("the stack trace goes through src/pay.ts:16, a line that it changes");
    expect(words).toContain("it happened 25 minutes before the onset");
    expect(ranked.find((one) => one.change.key === docs.key)!.contradicting).toEqual(["ev_1"]);
  });

  it("stores every contribution: they add up to the score", () => {
    for (const one of rank({ changes: [docs, fees], evidence: [trace] }).ranked)
      expect(one.contributions.reduce((sum, part) => sum + part.points, 0)).toBeCloseTo(one.score, 2);
  });

  it("says that no likely cause is found when nothing is known", () => {
    const { found, summary, ranked } = rank({ evidence: [trace] });
    expect({ found, ranked }).toEqual({ found: false, ranked: [] });
    expect(summary).toContain("no change is known");
  });

  it("calls nothing likely that is recent but far away", () => {
    const other = "github.com/acme/blog";
    const changes = [1, 2, 3].map((n) =>
      change(`pr:${other}#${n}`, { minutesBefore: n * 5, repository: other, places: [place(`src/${n}.ts`)] }),
    );
    const { found, summary } = rank({ changes, evidence: [trace] });
    expect(found).toBe(false);
    expect(summary).toContain("No likely cause found");
  });

  it("calls nothing likely that is near but old", () => {
    const { found } = rank({ changes: [{ ...fees, effectiveAt: onset - 20 * 24 * 60 * minute }] });
    expect(found).toBe(false);
  });

  it("never proposes what happened after the onset", () => {
    const after = { ...fees, effectiveAt: onset + 10 * minute };
    expect(rank({ changes: [after], evidence: [trace] }).ranked).toEqual([]);
    const inTheSameMinute = { ...fees, effectiveAt: onset + minute };
    expect(rank({ changes: [inTheSameMinute], evidence: [trace] }).ranked).toHaveLength(1);
  });

  it("takes evidence from before a change took effect as speaking against it", () => {
    const early = evidence("ev_0", "amount.toFixed is not a function", { from: fees.effectiveAt - 60 * minute });
    const [without] = rank({ changes: [fees] }).ranked;
    const [withEarly] = rank({ changes: [fees], evidence: [early] }).ranked;
    expect(withEarly!.contradicting).toEqual(["ev_0"]);
    expect(withEarly!.score).toBeLessThan(without!.score - 1);
  });

  it("counts nearness in the graph", () => {
    const near = { ...fees, key: "pr:a", distance: 1 };
    const far = { ...fees, key: "pr:b", distance: 4 };
    expect(rank({ changes: [far, near] }).ranked.map((one) => one.change.key)).toEqual(["pr:a", "pr:b"]);
  });

  it("says the one change that a deployment brought, not both", () => {
    const deployment = change("deployment:github.com/acme/shop#1", {
      minutesBefore: 25,
      kind: "deployment",
      environment: "production",
      title: "production: main",
      distance: 0,
      contains: [fees.key],
    });
    const brought = {
      ...fees,
      deployedBy: { key: deployment.key, title: deployment.title, node: null, live: true },
    };
    const { ranked } = rank({ changes: [deployment, brought], evidence: [trace] });
    expect(ranked.map((one) => one.change.key)).toEqual([fees.key]);
    expect(ranked[0]!.contributions.map((one) => one.words)).toContain("it was merged and came with production: main");
  });

  it("keeps what people have said: rejected ones are out, confirmed ones first", () => {
    const rejected = rank({
      changes: [docs, fees],
      evidence: [trace],
      judgements: [{ causeKey: fees.key, status: "rejected", reason: "was rolled back before" }],
    });
    expect(rejected.ranked.map((one) => one.change.key)).toEqual([docs.key]);
    const confirmed = rank({
      changes: [docs, fees],
      evidence: [trace],
      judgements: [{ causeKey: docs.key, status: "confirmed", reason: null }],
    });
    expect(confirmed.ranked[0]!.change.key).toBe(docs.key);
  });

  it("believes less of what a rejected deployment brought", () => {
    const brought = {
      ...fees,
      deployedBy: { key: "deployment:x#1", title: "production: main", node: null, live: true },
    };
    const score = (status: "rejected" | "pending") =>
      rank({ changes: [brought], judgements: [{ causeKey: "deployment:x#1", status, reason: null }] }).ranked[0]!.score;
    expect(score("rejected")).toBeLessThan(score("pending"));
  });

  it("names a commit, a number or a version that the evidence names", () => {
    const sha = "4f2a9c1d".padEnd(40, "0");
    const commit = change(`commit:${repository}#${sha}`, { minutesBefore: 30, kind: "commit", sha, distance: 0 });
    const said = rank({ changes: [commit], evidence: [evidence("ev_2", "running image shop:4f2a9c1d")] }).ranked[0]!;
    expect(said.contributions.map((one) => one.words)).toContain("the evidence names its commit 4f2a9c1d00");
    const numbered = rank({ changes: [fees], evidence: [evidence("ev_3", "since we merged #12 it is broken")] });
    expect(numbered.ranked[0]!.supporting).toEqual(["ev_3"]);
  });

  it("counts what lies behind a stack trace in the graph", () => {
    const behind = { ...fees, key: "pr:behind", places: [place("src/money.ts", "round")], evidenceDistance: 1 };
    const beside = { ...behind, key: "pr:beside", evidenceDistance: null };
    expect(rank({ changes: [beside, behind], evidence: [trace] }).ranked[0]!.change.key).toBe("pr:behind");
  });

  it("believes little of documentation, and of what no deployment brought", () => {
    const [first] = rank({ changes: [docs] }).ranked;
    expect(first?.confidence ?? 0).toBeLessThan(0.3);
    const score = (more: Partial<Change>) => rank({ changes: [{ ...fees, ...more }] }).ranked[0]!.score;
    expect(score({ notDeployed: true })).toBeLessThan(score({}));
  });

  it("takes less from the evidence for a change of very many files, and says so", () => {
    const many = Array.from({ length: 300 }, (_, at) => place(`lib/${at}.ts`));
    const wide = { ...fees, key: "pr:wide", places: [...many, place("src/pay.ts")] };
    const narrow = { ...fees, key: "pr:narrow", places: [place("src/pay.ts")] };
    const { ranked } = rank({ changes: [wide, narrow], evidence: [trace] });
    expect(ranked.map((one) => one.change.key)).toEqual(["pr:narrow", "pr:wide"]);
    expect(ranked[1]!.contributions.map((one) => one.words).join()).toContain("(one of 301 files that it changes)");
  });

  it("tells files of one name in two folders apart", () => {
    const other = { ...fees, key: "pr:other", places: [place("lib/pay.ts")] };
    const { ranked } = rank({ changes: [other, fees], evidence: [trace] });
    expect(ranked[0]!.change.key).toBe(fees.key);
    expect(ranked.find((one) => one.change.key === "pr:other")?.supporting ?? []).toEqual([]);
  });

  it("gives the same answer whatever the order of what it is given", () => {
    const many = [fees, docs, { ...fees, key: "pr:c", places: [] }, { ...docs, key: "pr:d", distance: 3 }];
    const answer = (changes: Change[]) => rank({ changes, evidence: [trace] });
    fc.assert(
      fc.property(fc.shuffledSubarray(many, { minLength: 4 }), (shuffled) => {
        expect(answer(shuffled)).toEqual(answer(many));
      }),
    );
  });

  it("has shares between 0 and 1 that never exceed 1 together, whatever the evidence says", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 200, unit: "grapheme" }), { maxLength: 5 }), (texts) => {
        const { ranked } = rank({
          changes: [fees, docs],
          evidence: texts.map((text, at) => evidence(`ev_${at}`, text)),
        });
        const sum = ranked.reduce((all, one) => all + one.confidence, 0);
        expect(sum).toBeLessThanOrEqual(1.001);
      }),
    );
  });
});
