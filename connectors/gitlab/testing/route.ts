// What a route of the fake is, and how lists are told apart by time.
import type { JsonObject } from "../../testing/json-schema.ts";
import type { Access, FakeToken } from "./fake-access.ts";
import type { FakeState } from "./fake-state.ts";
import type { Shapes } from "./shapes.ts";

export interface Asked {
  query: URLSearchParams;
  body: JsonObject | undefined;
  token: FakeToken;
}

export interface Listed {
  items: JsonObject[];
  /** GitLab's class: where it knows keysets for it, deep offsets are refused. */
  type?: "Project" | "Group";
  keyset?: boolean;
  /** Keyset pages are told by `page_token`, the last one's value of this field; else by `id_after`. */
  token?: string;
}

export type Reply = { status: number; body?: JsonObject; headers?: Record<string, string> } | { list: Listed };

export interface Route {
  method: string;
  pattern: RegExp;
  /** Any of them will do. */
  scopes: readonly string[];
  run(asked: Asked, path: string[]): Reply;
}

export const failed = (status: number, message: string): Reply => ({ status, body: { message } });
export const READ = ["api", "read_api"] as const;

export interface RouteDeps {
  state: FakeState;
  access: Access;
  shapes: Shapes;
}

/** `created_after` and `updated_after` are inclusive. Newest first unless asked otherwise. */
export function inTime<T extends { createdAt: string; updatedAt: string; id: number }>(
  query: URLSearchParams,
  items: readonly T[],
): T[] {
  const field =
    query.get("order_by") === "updated_at" ? "updatedAt" : query.get("order_by") === "id" ? "id" : "createdAt";
  const at = (name: string): number => (query.has(name) ? Date.parse(query.get(name) ?? "") : Number.NEGATIVE_INFINITY);
  const sign = query.get("sort") === "asc" ? 1 : -1;
  return items
    .filter(
      (one) => Date.parse(one.createdAt) >= at("created_after") && Date.parse(one.updatedAt) >= at("updated_after"),
    )
    .toSorted((a, b) => {
      const order = a[field] < b[field] ? -1 : a[field] > b[field] ? 1 : a.id - b.id;
      return sign * order;
    });
}
