// What the fake answers by GraphQL: GitHub's published schema validates and executes the query over the fake's state.
import { createHash } from "node:crypto";
import { buildSchema, execute, type ExecutionResult, GraphQLError, type GraphQLSchema, parse, validate } from "graphql";
import { type JsonObject, readPackageText } from "../../testing/json-schema.ts";
import type { Access, FakeToken } from "./fake-access.ts";
import type { FakeIssue, FakeRepository, FakeState } from "./fake-state.ts";

let built: GraphQLSchema | null = null;

/** Read once: it has sixty thousand lines. */
function schemaOf(): GraphQLSchema {
  built ??= buildSchema(readPackageText("@octokit/graphql-schema/schema.graphql"), { assumeValidSDL: true });
  return built;
}

interface Order {
  orderBy?: { field: string; direction: "ASC" | "DESC" };
  first?: number;
}

/** Docs: every connection of a query is counted with what asks for it, a point for a hundred. */
const pointsOf = (ids: number, connections: number): number => Math.max(1, Math.round((1 + ids * connections) / 100));

/** A commit's id, as far as anybody looks: another one with every push and every other tree. */
const headOf = (one: FakeRepository): string =>
  createHash("sha1")
    .update(JSON.stringify([one.pushedAt, [...one.files]]))
    .digest("hex");

export function createGraphql({ state, access }: { state: FakeState; access: Access }) {
  const cut = <T extends { updatedAt: string; createdAt: string }>(
    items: readonly T[],
    { orderBy, first = 30 }: Order,
  ) =>
    items
      .toSorted((a, b) => {
        const field = orderBy?.field === "UPDATED_AT" ? "updatedAt" : "createdAt";
        const order = a[field] < b[field] ? -1 : a[field] > b[field] ? 1 : 0;
        return orderBy?.direction === "DESC" ? -order : order;
      })
      .slice(0, first);

  function repository(one: FakeRepository, token: FakeToken) {
    const allowed = (permission: string): void => {
      if (token.permissions[permission] === undefined)
        throw new GraphQLError(`Resource not accessible by ${token.kind}`, { extensions: { type: "FORBIDDEN" } });
    };
    const all = [...one.issues.values()];
    const connection = <T extends { updatedAt: string; createdAt: string }>(
      permission: string,
      items: readonly T[],
      shape: (item: T) => object,
    ) => {
      return (order: Order) => {
        allowed(permission);
        return { totalCount: items.length, nodes: cut(items, order).map(shape) };
      };
    };
    const updated = ({ updatedAt }: FakeIssue) => ({ updatedAt });
    return {
      __typename: "Repository",
      id: `R_${one.id}`,
      issues: connection(
        "issues",
        all.filter(({ pull }) => pull === null),
        updated,
      ),
      pullRequests: connection(
        "pull_requests",
        all.filter(({ pull }) => pull !== null),
        updated,
      ),
      releases: connection(
        "contents",
        one.releases.filter(({ draft }) => !draft).map((release) => ({ ...release, updatedAt: release.createdAt })),
        ({ id, updatedAt }) => ({ id: `RE_${id}`, updatedAt }),
      ),
      deployments: connection("deployments", one.deployments, ({ id, updatedAt, statuses }) => {
        const latest = statuses.at(-1);
        return {
          id: `DE_${id}`,
          updatedAt,
          latestStatus: latest === undefined ? null : { id: `DES_${latest.id}`, updatedAt: latest.createdAt },
        };
      }),
      defaultBranchRef: () => {
        allowed("contents");
        return { name: one.defaultBranch, target: { __typename: "Commit", oid: headOf(one) } };
      },
    };
  }

  /** The reply's body, and what it draws on the budget. `violations`: what GitHub's schema says of the query. */
  function run(
    token: FakeToken,
    { query, variables }: { query: string; variables: JsonObject },
    violations: string[],
  ): { body: ExecutionResult; points: number } {
    const schema = schemaOf();
    const document = parse(query);
    for (const error of validate(schema, document)) violations.push(`GraphQL: ${error.message}`);
    const ids = Array.isArray(variables["ids"]) ? variables["ids"] : [];
    const visible = (id: unknown) => {
      const found = [...state.repositories.values()].find((one) => `R_${one.id}` === id);
      return found !== undefined && access.sees(token, found.id) ? repository(found, token) : null;
    };
    const rootValue = { nodes: (asked: { ids: string[] }) => asked.ids.map(visible) };
    const body = execute({ schema, document, rootValue, variableValues: variables });
    if (body instanceof Promise) throw new Error("the fake answers at once");
    return { body, points: pointsOf(ids.length, query.split("first:").length) };
  }

  return { run };
}
