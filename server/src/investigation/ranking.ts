// The interface of a ranker: what is known about an incident and what changed before it, and which change is the likely cause.
import type { CauseKind, Contribution, NodeRef, PathStep } from "@opentrace/contract/investigation.ts";

/** A file or symbol that a change touches. */
export interface ChangedPlace {
  key: string;
  name: string;
  /** Its row in the graph; null for what is in no graph. */
  number: number | null;
  /** In its repository; null for what is no code. */
  path: string | null;
  /** Dotted path of the symbol in its file; null for a file. */
  symbol: string | null;
  /** Changed lines, first and last, where they are known. */
  lines: readonly (readonly [number, number])[];
}

export interface Change {
  /** The node's key: stable, so that what people said of it is found again. */
  key: string;
  kind: CauseKind;
  title: string;
  /** Milliseconds. */
  at: number;
  /** When it took effect: for merged code the deployment that brought it; else `at`. */
  effectiveAt: number;
  /** Its place in the graph's repositories: `github.com/acme/shop`. */
  repository: string | null;
  url: string | null;
  author: string | null;
  sha: string | null;
  node: NodeRef | null;
  /** Deployments: where to, and how it ended. */
  environment: string | null;
  state: string | null;
  deployedBy: { key: string; title: string; node: NodeRef | null; live: boolean } | null;
  /** Deployments of its repository are known, and none of them brought it. */
  notDeployed: boolean;
  /** Keys of the changes that are part of this one: what a deployment brought. */
  contains: readonly string[];
  places: readonly ChangedPlace[];
  /** What the graph's change log says that it did to dependencies and settings, in sentences without a full stop. */
  details: readonly string[];
  /** Edges between what is affected and the nearest thing that it changes; null = the graph knows no way. */
  distance: number | null;
  path: readonly PathStep[];
  /** The same from what the evidence's stack traces go through. */
  evidenceDistance: number | null;
  evidencePath: readonly PathStep[];
}

export interface RankedEvidence {
  id: string;
  type: string;
  title: string;
  /** Bounded by the caller. */
  text: string;
  /** When what it shows began, milliseconds; null = not said. */
  from: number | null;
}

/** What a person said about a cause, on this incident. */
export interface Judgement {
  causeKey: string;
  status: "pending" | "investigating" | "confirmed" | "rejected";
  reason: string | null;
}

export interface RankInput {
  onset: number;
  /** Names and keys of what is affected; empty = nobody said. */
  affected: readonly { key: string; name: string; repository: string | null }[];
  title: string;
  description: string;
  evidence: readonly RankedEvidence[];
  changes: readonly Change[];
  judgements: readonly Judgement[];
}

export interface Ranked {
  change: Change;
  /** 1 = the likeliest. */
  rank: number;
  /** Sum of the contributions' points. */
  score: number;
  /** Share of the odds, against the others and a cause that is none of these. */
  confidence: number;
  contributions: Contribution[];
  supporting: string[];
  contradicting: string[];
}

export interface RankResult {
  found: boolean;
  summary: string;
  ranked: Ranked[];
}

/** Pure: what it needs is in its input. A better one takes its place by having this shape. */
export interface Ranker {
  name: string;
  rank(input: RankInput): RankResult;
}
