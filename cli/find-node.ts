// From what a person types for a node (id, key or name) to the node.
import { AppError } from "@opentrace/contract/errors.ts";
import type { GraphNode, NodeType } from "@opentrace/contract/graph.ts";
import type { SearchAnswer } from "@opentrace/contract/graph-answers.ts";
import type { Client } from "./client.ts";
import { note } from "./output.ts";

/**
 * A name that stands for several nodes takes the best match and says so on stderr; of those with just this name, one of the `preferred`
 * types. Throws AppError("not_found").
 */
export async function findNode(
  client: Client,
  text: string,
  signal: AbortSignal,
  preferred: readonly NodeType[] = [],
): Promise<Pick<GraphNode, "id">> {
  if (text.includes(":") || /^[0-9a-z]{9,11}$/.test(text)) {
    try {
      return (await client.call<{ node: GraphNode }>("graph.getNode", { id: text }, signal)).node;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "not_found") throw error;
    }
  }
  const { hits } = await client.call<SearchAnswer>("graph.search", { q: text, limit: 10 }, signal);
  // Words of a comment are no name.
  const named = hits.filter((hit) => hit.match !== "doc");
  // `flask` is the repository, `Flask` the class: a name in just this spelling comes before its other spellings.
  const spelled = named.filter((hit) => hit.node.name === text);
  const best = spelled.find((hit) => preferred.includes(hit.node.type)) ?? spelled[0] ?? named[0];
  if (best === undefined)
    throw new AppError("not_found", `Nothing in the graph is called "${text}". Try: opentrace search ${text}`);
  const equal = named.filter((hit) => hit !== best && hit.node.name.toLowerCase() === best.node.name.toLowerCase());
  if (best.match === "fuzzy") note(`Nothing is called "${text}": took the most similar name, ${best.node.key}`);
  else if (equal.length > 0)
    note(
      `${text}: took ${best.node.key}; also ${equal
        .slice(0, 4)
        .map((hit) => hit.node.key)
        .join(", ")}`,
    );
  return best.node;
}
