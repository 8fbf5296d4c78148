// First questions about a repository, with what matters in it.
import type { GraphNode } from "@opentrace/contract/graph.ts";

/** `critical`: the most critical nodes, the first of them first; files and directories are passed over for what is in them. */
export function suggestedQuestions(repository: string, critical: readonly GraphNode[]): string[] {
  const names = critical.flatMap(({ props: { symbol } }) =>
    typeof symbol === "string" && /^[\w.$]+$/.test(symbol) ? [symbol] : [],
  );
  const [first, second] = names;
  return [
    "What are the most critical nodes?",
    first ? `What would be affected if I change ${first}?` : `Tell me about ${repository}`,
    second ? `What calls ${second}?` : "What repositories exist?",
    first && second ? `How does ${second} connect to ${first}?` : "What packages exist?",
  ];
}
