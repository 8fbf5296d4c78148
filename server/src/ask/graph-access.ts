// What answers need of the graph: its verbs, called as anybody calls them, with every call noted for the reader of the answer.
import type { AskMention, AskQuery } from "@opentrace/contract/ask.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { GraphNode, NodeType, SourceFreshness } from "@opentrace/contract/graph.ts";
import type { SearchAnswer, SearchHit } from "@opentrace/contract/graph-answers.ts";
import type { Verb, VerbContext } from "../verb.ts";
import { holds, requirePermission } from "../access/invoke.ts";
import type { MentionText } from "./mention.ts";

export interface GraphAccess {
  /** The caller names the answer's type, which the verb's `output` declares. */
  run<T extends object>(verb: string, input: Record<string, unknown>): Promise<T>;
  /** The node that a name stands for; notes what else it could be. Null when nothing has that name. Of several with exactly that
   *  name one of type `prefer` is taken. */
  resolve(mention: MentionText, prefer?: NodeType): Promise<GraphNode | null>;
  /** Those of these keys that the graph knows; not noted, as they only stand beside what was asked. */
  known(keys: readonly string[]): Promise<GraphNode[]>;
  /** Whether who asks may run this verb. */
  may(verb: string): boolean;
  readonly queries: AskQuery[];
  readonly mentions: AskMention[];
  readonly freshness: Map<string, SourceFreshness>;
}

const mostOthers = 5;

export function createGraphAccess(verbs: ReadonlyMap<string, Verb>, ctx: VerbContext): GraphAccess {
  const queries: AskQuery[] = [];
  const mentions: AskMention[] = [];
  const freshness = new Map<string, SourceFreshness>();

  const took = new Map<string, Promise<GraphNode | null>>();

  function need(name: string): Verb {
    const verb = verbs.get(name);
    if (verb === undefined) throw new AppError("not_supported", `This server can't answer that: it has no ${name}.`);
    requirePermission(ctx.actor, verb.permission, verb.name);
    return verb;
  }

  async function run<T extends object>(name: string, input: Record<string, unknown>): Promise<T> {
    const verb = need(name);
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    queries.push(toQuery(verb, given));
    const answer = (await verb.run(ctx, verb.input.parse(given))) as T;
    const told = (answer as { freshness?: SourceFreshness[] }).freshness;
    for (const source of Array.isArray(told) ? told : []) freshness.set(source.source, source);
    return answer;
  }

  async function byKeyOrId(text: string): Promise<GraphNode | null> {
    if (!/^[a-z]+:\S+$/i.test(text) && !/^[0-9a-z]{8,11}$/.test(text)) return null;
    try {
      return (await run<{ node: GraphNode }>("graph.getNode", { id: text, limit: 1 })).node;
    } catch (error) {
      if (error instanceof AppError && (error.code === "not_found" || error.code === "bad_request")) return null;
      throw error;
    }
  }

  async function search(name: string, types: readonly NodeType[] | null): Promise<SearchHit[]> {
    const { hits } = await run<SearchAnswer>("graph.search", {
      q: name.slice(0, 500),
      types: types ?? undefined,
      limit: 15,
    });
    return hits.filter((hit) => hit.match !== "doc");
  }

  return {
    queries,
    mentions,
    freshness,
    run,
    may(name) {
      const verb = verbs.get(name);
      return verb !== undefined && holds(ctx.actor, verb.permission);
    },
    async known(keys) {
      const verb = need("graph.getNode");
      const found: GraphNode[] = [];
      for (const id of new Set(keys)) {
        try {
          found.push(((await verb.run(ctx, verb.input.parse({ id, limit: 1 }))) as { node: GraphNode }).node);
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== "not_found") throw error;
        }
      }
      return found;
    },
    resolve(mention, prefer) {
      const name = `${mention.raw}\0${prefer ?? ""}`;
      // An answer of several parts asks for the same name again.
      const node = took.get(name) ?? resolveNew(mention, prefer);
      took.set(name, node);
      return node;
    },
  };

  async function resolveNew(mention: MentionText, prefer: NodeType | undefined): Promise<GraphNode | null> {
    const direct = await byKeyOrId(mention.name);
    if (direct !== null) {
      mentions.push({ text: mention.raw, took: direct, match: "exact", others: [] });
      return direct;
    }
    // As said; then the whole wording, where the type word belongs to the name; then the name whatever its type.
    let found = await search(mention.name, mention.types);
    if (found.length === 0 && mention.raw !== mention.name) found = await search(mention.raw, null);
    if (found.length === 0 && mention.types !== null) found = await search(mention.name, null);
    if (found.length === 0 && mention.within !== null) found = await search(`${mention.within}.${mention.name}`, null);
    const ranked = rank(
      found.map(({ node }) => node),
      mention,
      prefer,
    );
    const best = ranked[0] ?? null;
    mentions.push({
      text: mention.raw,
      took: best,
      match: best === null ? null : matchOf(best, mention, found),
      others: ranked
        .slice(1)
        .filter((node) => couldBe(node, mention))
        .slice(0, mostOthers),
    });
    return best;
  }
}

/** The names that a node answers to: its own, its path or qualified name, and each end of that. */
function isNamed({ key, name }: GraphNode, wanted: string): boolean {
  const text = wanted.toLowerCase();
  const tail = tailOf(key).toLowerCase();
  return (
    name.toLowerCase() === text ||
    key.toLowerCase() === text ||
    tail === text ||
    tail.endsWith(`.${text}`) ||
    tail.endsWith(`/${text}`)
  );
}

function matchOf(took: GraphNode, mention: MentionText, found: readonly SearchHit[]): AskMention["match"] {
  const wanted = [mention.name, mention.raw, ...(mention.within === null ? [] : [`${mention.within}.${mention.name}`])];
  if (wanted.some((text) => isNamed(took, text))) return "exact";
  return found.find(({ node }) => node.id === took.id)?.match === "fuzzy" ? "similar" : "part";
}

/** What a key ends in, after its repository: a path, a qualified name, a package's name. */
const tailOf = (key: string): string => key.slice(key.lastIndexOf("#") + 1).replace(/^[a-z]+:/, "");

/** Kinds of node that people mean by a plain name, before those that only carry it along. */
const commonness: Partial<Record<NodeType, number>> = {
  Service: 6,
  Repository: 5,
  Class: 4,
  Interface: 4,
  Function: 3,
  Method: 3,
  Module: 2,
  Package: 2,
  File: 2,
  Directory: 1,
};

function rank(nodes: readonly GraphNode[], mention: MentionText, prefer: NodeType | undefined): GraphNode[] {
  const score = (node: GraphNode): number => {
    const tail = tailOf(node.key);
    let points = 0;
    if (node.name === mention.name) points += 40;
    else if (node.name.toLowerCase() === mention.name.toLowerCase()) points += 30;
    if (node.name === mention.name && node.type === prefer) points += 30;
    if (tail === mention.name || node.key === mention.name) points += 45;
    else if (tail.endsWith(`.${mention.name}`) || tail.endsWith(`/${mention.name}`)) points += 25;
    if (mention.within !== null && node.key.toLowerCase().includes(mention.within.toLowerCase())) points += 35;
    if (node.props["test"] === true || /(^|[/#_.-])tests?([/_.-]|$)/i.test(node.key)) points -= 8;
    return points + (commonness[node.type] ?? 0);
  };
  return nodes
    .map((node, index) => ({ node, points: score(node) - index * 0.5 }))
    .sort((a, b) => b.points - a.points)
    .map(({ node }) => node);
}

function couldBe(node: GraphNode, mention: MentionText): boolean {
  const name = mention.name.toLowerCase();
  return (
    node.name.toLowerCase() === name ||
    node.key.toLowerCase().endsWith(name) ||
    node.name.toLowerCase().startsWith(name)
  );
}

/** The REST request that gives the same answer. */
function toQuery({ name, http }: Verb, input: Record<string, unknown>): AskQuery {
  const rest = new Map(Object.entries(input));
  const path = `/api/v1${http?.path ?? ""}`.replace(/\{(\w+)\}/g, (_whole, field: string) => {
    const value = rest.get(field);
    rest.delete(field);
    return encodeURIComponent(String(value));
  });
  const method = http?.method ?? "GET";
  const inQuery = method === "GET" || method === "DELETE";
  const search = new URLSearchParams(
    [...rest].map(([field, value]): [string, string] => [
      field,
      Array.isArray(value) ? value.join(",") : String(value),
    ]),
  );
  return {
    verb: name,
    input: JSON.parse(JSON.stringify(input)) as AskQuery["input"],
    method,
    url: inQuery && search.size > 0 ? `${path}?${search.toString()}` : path,
  };
}
