// What people read instead of the indexer's `<anonymous1>` and `<lambda1>`, which only keys need.
import type { GraphNode, Props } from "@opentrace/contract/graph.ts";

const anonymous = /^<(?:anonymous|lambda)\d*>(?:~\d+)?$/;

/** The name that a node without one was stored by, if `name` is such a name. */
export const isAnonymousName = (name: string): boolean => anonymous.test(name);

/** `PayService.charge` of a dotted path in a file: without its anonymous parts and the numbers of repeated definitions. */
export function readablePath(symbol: string): string {
  return symbol
    .split(".")
    .filter((part) => !anonymous.test(part))
    .map((part) => part.replace(/~\d+$/, ""))
    .join(".");
}

/** `function passed to app.get (line 12)`, `function in createServer (line 40)`; names that people gave stay. */
export function shownName(name: string, props: Props): string {
  if (!isAnonymousName(name)) return name;
  const { passedTo, symbol, range, signature } = props;
  const what = typeof signature === "string" && /^class\b/.test(signature) ? "class" : "function";
  const holder = typeof symbol === "string" ? readablePath(symbol) : "";
  const where = typeof passedTo === "string" ? ` passed to ${passedTo}` : holder === "" ? "" : ` in ${holder}`;
  const line = typeof range === "object" && range !== null && !Array.isArray(range) ? range["startLine"] : undefined;
  return `${what}${where}${typeof line === "number" ? ` (line ${line})` : ""}`;
}

/** `PayService.charge`: a symbol with what it is defined in, any other node and a function without a name as it is shown. */
export function qualifiedName({ key, name }: Pick<GraphNode, "key" | "name">): string {
  const symbol = key.startsWith("symbol:") ? key.split("#").slice(2).join("#") : "";
  return symbol === "" || isAnonymousName(symbol.slice(symbol.lastIndexOf(".") + 1)) ? name : readablePath(symbol);
}
