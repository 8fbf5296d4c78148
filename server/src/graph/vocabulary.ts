// Types as the small numbers that rows and typed arrays hold. The contract's lists only ever grow at their end.
import { edgeTypes, type EdgeType, nodeTypes, type NodeType } from "@opentrace/contract/graph.ts";
import { AppError } from "@opentrace/contract/errors.ts";

const nodeNumbers = new Map<string, number>(nodeTypes.map((type, index) => [type, index]));
const edgeNumbers = new Map<string, number>(edgeTypes.map((type, index) => [type, index]));

/** undefined for what is no node type. */
export const nodeTypeNumber = (type: string): number | undefined => nodeNumbers.get(type);
export const edgeTypeNumber = (type: string): number | undefined => edgeNumbers.get(type);

export function nodeTypeOf(number: number): NodeType {
  const type = nodeTypes[number];
  if (type === undefined) throw new AppError("internal", `The graph holds a node type (${number}) this program lacks.`);
  return type;
}

export function edgeTypeOf(number: number): EdgeType {
  const type = edgeTypes[number];
  if (type === undefined)
    throw new AppError("internal", `The graph holds an edge type (${number}) this program lacks.`);
  return type;
}

export const nodeTypeNumbers = (types: readonly NodeType[]): number[] => types.map((type) => nodeNumbers.get(type)!);
export const edgeTypeNumbers = (types: readonly EdgeType[]): number[] => types.map((type) => edgeNumbers.get(type)!);
