// What a command that asks the graph is: a verb, its input from the arguments, and how a person reads its answer.
import type { Client } from "../client.ts";

export type Values = Record<string, unknown>;

export interface VerbCommand {
  verb: string;
  input(values: Values, client: Client, signal: AbortSignal): Promise<Values> | Values;
  show(answer: never): string;
}
