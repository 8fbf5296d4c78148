// A node as the name index holds it: what people search by, and what says how likely they mean it.
import type { NodeType } from "@opentrace/contract/graph.ts";
import { isAnonymousName } from "../shown-name.ts";
import { nodeTypeOf } from "../vocabulary.ts";

export interface IndexRow {
  id: number;
  type: number;
  key: string;
  name: string;
  props: string | null;
  scope: number;
}

export interface IndexEntry {
  id: number;
  type: number;
  key: string;
  name: string;
  /** Path in its repository; empty when it has none. */
  path: string;
  /** Dotted path in its file. */
  symbol: string;
  language: string;
  /** Words that describe it: a doc comment, the title and description of an issue or a pull request. */
  doc: string;
  /** Added to a match's score: definitions before variables before anonymous functions, tests a little lower. */
  prior: number;
}

const typePrior: Partial<Record<NodeType, number>> = {
  Directory: -0.03,
  File: -0.02,
  Variable: -0.05,
  Branch: -0.06,
  Commit: -0.1,
};

const testPath =
  /(?:^|[/_.-])(?:tests?|__tests__|specs?|testing|fixtures?|mocks?|testdata)(?:[/_.-]|$)|_test\.go$|\.(?:test|spec)\.[a-z]+$/i;
const vendoredPath = /(?:^|\/)(?:vendor|vendored|third[_-]party|node_modules|_vendor|external)(?:\/|$)/i;

export const isTestPath = (path: string): boolean => testPath.test(path);

/** `file:repo#path`, `symbol:repo#path#symbol` and `dir:repo#path` say their path themselves. */
export function pathInKey(key: string): string {
  if (!/^(?:file|symbol|dir):/.test(key)) return "";
  return key.split("#", 3)[1] ?? "";
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** What an issue or a pull request says of itself counts with its title: words of a question may stand in either. */
function docOf(name: string, props: Record<string, unknown>): string {
  const body = text(props["body"]);
  return body === "" ? text(props["doc"]) : `${name}\n${body}`;
}

export function toEntry(row: IndexRow): IndexEntry {
  const props = row.props === null ? {} : (JSON.parse(row.props) as Record<string, unknown>);
  const path = text(props["path"]) || pathInKey(row.key);
  let prior = typePrior[nodeTypeOf(row.type)] ?? 0;
  if (isAnonymousName(row.name)) prior -= 0.2;
  if (path !== "" && testPath.test(path)) prior -= 0.04;
  if (path !== "" && vendoredPath.test(path)) prior -= 0.04;
  return {
    id: row.id,
    type: row.type,
    key: row.key,
    name: row.name,
    path,
    symbol: text(props["symbol"]),
    language: text(props["language"]),
    doc: docOf(row.name, props),
    prior,
  };
}
