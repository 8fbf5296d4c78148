// A name as people write it in a question ("the `charge()` method of PayService") → the name, and the node type if they said one.
import type { NodeType } from "@opentrace/contract/graph.ts";

export interface MentionText {
  /** The name without quotes, articles and type words. */
  name: string;
  /** What was written, for names that hold a type word themselves ("payment service"). */
  raw: string;
  types: readonly NodeType[] | null;
  /** `charge of PayService`: what the name is in. */
  within: string | null;
}

/** Words for node types, singular. "code" words stand for several. */
const typeWords: Record<string, readonly NodeType[]> = {
  repository: ["Repository"],
  repo: ["Repository"],
  project: ["Repository"],
  codebase: ["Repository"],
  branch: ["Branch"],
  commit: ["Commit"],
  directory: ["Directory"],
  folder: ["Directory"],
  dir: ["Directory"],
  file: ["File"],
  module: ["Module", "File"],
  class: ["Class"],
  struct: ["Class"],
  interface: ["Interface"],
  protocol: ["Interface"],
  trait: ["Interface"],
  type: ["Class", "Interface"],
  function: ["Function", "Method"],
  func: ["Function", "Method"],
  procedure: ["Function", "Method"],
  method: ["Method"],
  variable: ["Variable"],
  constant: ["Variable"],
  const: ["Variable"],
  field: ["Variable"],
  symbol: ["Class", "Interface", "Function", "Method", "Variable"],
  package: ["Package"],
  library: ["Package"],
  dependency: ["Package"],
  person: ["Person"],
  author: ["Person"],
  contributor: ["Person"],
  developer: ["Person"],
  committer: ["Person"],
  team: ["Team"],
  issue: ["Issue"],
  ticket: ["Issue"],
  "pull request": ["PullRequest"],
  pr: ["PullRequest"],
  pipeline: ["Pipeline"],
  deployment: ["Deployment"],
  cluster: ["Cluster"],
  namespace: ["Namespace"],
  workload: ["Workload"],
  pod: ["Pod"],
  container: ["Container"],
  image: ["Image"],
  "kubernetes service": ["KubernetesService"],
  ingress: ["Ingress"],
  service: ["Service"],
  microservice: ["Service"],
  operation: ["Operation"],
  endpoint: ["Operation"],
  route: ["Operation"],
  database: ["Database"],
  db: ["Database"],
  queue: ["Queue"],
  topic: ["Queue"],
  cache: ["Cache"],
  "external service": ["ExternalService"],
  dashboard: ["Dashboard"],
  alert: ["Alert"],
  incident: ["Incident"],
  runbook: ["Runbook"],
};

const irregular: Record<string, string> = {
  people: "person",
  persons: "person",
  libs: "library",
  lib: "library",
  deps: "dependency",
  prs: "pr",
  dbs: "database",
  ingresses: "ingress",
  classes: "class",
  branches: "branch",
  caches: "cache",
};

function singular(word: string): string {
  const lower = word.toLowerCase();
  if (irregular[lower] !== undefined) return irregular[lower];
  if (typeWords[lower] !== undefined) return lower;
  if (lower.endsWith("ies")) return `${lower.slice(0, -3)}y`;
  return lower.endsWith("s") ? lower.slice(0, -1) : lower;
}

/** Node types that a word of a question stands for, singular or plural; null when it is none. */
export function typesOfWord(word: string): readonly NodeType[] | null {
  return typeWords[singular(word.trim())] ?? null;
}

/** For patterns: every type word in singular and plural, longest first. */
export const typeWordPattern = [
  ...Object.keys(typeWords).flatMap((word) => [
    word,
    word.endsWith("y") ? `${word.slice(0, -1)}ies` : /(s|ch)$/.test(word) ? `${word}es` : `${word}s`,
  ]),
  ...Object.keys(irregular),
]
  .sort((a, b) => b.length - a.length)
  .join("|");

const articles = /^(?:(?:the|a|an|our|my|your|this|that|all|any|every|some|each|its|their)\s+)+/i;
const calledWord = /^(?:called|named|with (?:the )?name|titled)\s+/i;
const quotes = /^["'`“”‘’«»]+|["'`“”‘’«»]+$/g;

/** Null when nothing but articles and quotes is left. */
export function readMention(text: string): MentionText | null {
  const raw = text
    .trim()
    .replace(/[?!.,;:\s]+$/, "")
    .replace(articles, "")
    .trim();
  const isQuoted = /^["'`“‘«].*["'`”’»]$/.test(raw);
  const bare = raw.replace(quotes, "").trim();
  if (bare === "") return null;
  if (isQuoted) return { name: tidyName(bare), raw: bare, types: null, within: null };

  const inner = /^(.+?)\s+(?:in|of|from|inside|within|on)\s+(.+)$/i.exec(bare);
  if (inner?.[1] !== undefined && inner[2] !== undefined && !/\s/.test(inner[1].replace(/^\S+\s(?=\S+$)|\s\S+$/, ""))) {
    const head = readTyped(inner[1]);
    const whole = readMention(inner[2]);
    if (head !== null && whole !== null) return { ...head, raw: bare, within: whole.name };
  }
  const typed = readTyped(bare);
  return typed === null ? null : { ...typed, raw: bare.replace(quotes, ""), within: null };
}

function readTyped(text: string): { name: string; types: readonly NodeType[] | null } | null {
  const clean = text.replace(articles, "").trim();
  const leading = new RegExp(`^(${typeWordPattern})\\s+(.+)$`, "i").exec(clean);
  if (leading?.[1] !== undefined && leading[2] !== undefined) {
    const name = tidyName(leading[2].replace(calledWord, "").replace(quotes, ""));
    if (name !== "") return { name, types: typesOfWord(leading[1]) };
  }
  const trailing = new RegExp(`^(.+?)(?:['’]s)?\\s+(${typeWordPattern})$`, "i").exec(clean);
  if (trailing?.[1] !== undefined && trailing[2] !== undefined) {
    const name = tidyName(trailing[1].replace(quotes, ""));
    if (name !== "") return { name, types: typesOfWord(trailing[2]) };
  }
  const name = tidyName(clean.replace(calledWord, "").replace(quotes, ""));
  return name === "" ? null : { name, types: null };
}

/** `charge()` → `charge`; the arguments of a call are not part of a name. */
function tidyName(name: string): string {
  return name
    .trim()
    .replace(/\(.*\)$/, "")
    .replace(/^["'`]|["'`]$/g, "")
    .trim();
}

/** "A, B and C" → three mentions' texts; quoted names keep their commas. */
export function splitList(text: string): string[] {
  const parts = text.match(/(?:"[^"]*"|`[^`]*`|'[^']*'|[^,])+/g) ?? [text];
  return parts
    .flatMap((part) => part.split(/\s+(?:and|&|plus|or)\s+/i))
    .map((part) => part.replace(/^\s*(?:and|both|&)\s+/i, "").trim())
    .filter((part) => part !== "");
}
