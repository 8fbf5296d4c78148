// The prompts that OpenTrace clients offer: how to use the tools for a whole question.
import { ProtocolError, ProtocolErrorCode, type GetPromptResult, type Prompt } from "@modelcontextprotocol/server";

interface PromptDescription extends Prompt {
  description: string;
  arguments: { name: string; description: string; required: boolean }[];
  render(args: Record<string, string>): string;
}

export const mcpPrompts: readonly PromptDescription[] = [
  {
    name: "discover_architecture",
    title: "Discover the architecture",
    description:
      "Describe how a repository, or everything in the graph, is built: its parts, what they depend on, and what is critical.",
    arguments: [
      {
        name: "focus",
        description: "A repository, directory, module or service; everything if absent",
        required: false,
      },
    ],
    render: ({ focus }) =>
      `Describe the architecture of ${focus === undefined ? "everything in the OpenTrace graph" : `"${focus}"`}.
1. Call get_stats for the size and the sources, ${focus === undefined ? "and list_nodes with type Repository" : `and search_graph for "${focus}" to find its node`}.
2. Call list_nodes for Package, Module and Directory to see the parts${focus === undefined ? "" : " below that node"}, and traverse_graph along IMPORTS and DEPENDS_ON to see how they rest on each other.
3. Ask with the ask tool "What are the most critical nodes?" and look at the first with get_node.
Write: the parts and their purpose, the direction of the dependencies between them, the external packages that matter, and the places where a change spreads furthest. Cite node keys. Say which sources are stale.`,
  },
  {
    name: "impact_analysis",
    title: "Analyse the impact of a change",
    description: "Say what would be affected if something changes, with the evidence for each hop, and what to test.",
    arguments: [
      {
        name: "target",
        description: "Name, key or id of the node that changes; or path:line-line; or a diff",
        required: true,
      },
    ],
    render: ({ target }) =>
      `What would be affected if "${target}" changes?
1. Find it with search_graph, unless it is an id or key already; name the node you took when there are several.
2. Call impact with it. Read the risk summary first, then the affected nodes by hop; call load_source on the edges' evidence where the confidence is below 0.8.
Write: the risk and why; what is affected directly and what further away, in groups by repository and file; what is certain and what is inferred; the tests to run, and which seeds have none. Cite node keys and evidence.`,
  },
  {
    name: "dependency_analysis",
    title: "Analyse dependencies",
    description: "Say what something depends on and what depends on it, and where that is risky.",
    arguments: [{ name: "target", description: "Name, key or id of the node", required: true }],
    render: ({ target }) =>
      `Analyse the dependencies of "${target}".
1. Find it with search_graph, unless it is an id or key already.
2. Call traverse_graph outgoing (what it depends on) and incoming (what depends on it), depth 2; find_path between it and anything surprising.
Write: direct and indirect dependencies in groups (own code, other repositories, external packages with their version constraints), who depends on it, cycles, and the dependencies that would hurt most to lose. Cite node keys; tell inferred edges from stated ones.`,
  },
];

export function renderPrompt(name: string, args: Record<string, string>): GetPromptResult {
  const prompt = mcpPrompts.find((candidate) => candidate.name === name);
  if (prompt === undefined)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `Unknown prompt ${name}. Prompts: ${mcpPrompts.map((known) => known.name).join(", ")}.`,
    );
  const missing = prompt.arguments.find((argument) => argument.required && (args[argument.name] ?? "") === "");
  if (missing !== undefined)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `The prompt ${name} needs the argument ${missing.name}: ${missing.description}.`,
    );
  return {
    description: prompt.description,
    messages: [{ role: "user", content: { type: "text", text: prompt.render(args) } }],
  };
}
