// The connectors there are: one for each folder beside connectors/connector.ts.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AuthDefinition, Connector } from "@opentrace/connectors/connector.ts";
import { AppError } from "@opentrace/contract/errors.ts";

export interface InstalledConnector {
  connector: Connector;
  folder: string;
}

export interface Registry {
  all(): readonly InstalledConnector[];
  /** Throws AppError("not_found") naming those there are. */
  find(id: string): Connector;
  icon(id: string): string;
}

/** Loads every folder that has an index.ts exporting `connector`. */
export async function loadConnectors(root: string): Promise<InstalledConnector[]> {
  const installed: InstalledConnector[] = [];
  for (const entry of readdirSync(root, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const folder = join(root, entry.name);
    if (!entry.isDirectory() || !existsSync(join(folder, "index.ts"))) continue;
    const module = (await import(pathToFileURL(join(folder, "index.ts")).href)) as { connector?: Connector };
    if (module.connector === undefined) throw new AppError("internal", `${folder}/index.ts exports no connector.`);
    installed.push({ connector: module.connector, folder });
  }
  return installed;
}

export function createRegistry(installed: readonly InstalledConnector[]): Registry {
  const byId = new Map(installed.map((one) => [one.connector.manifest.id, one]));
  const find = (id: string): InstalledConnector => {
    const found = byId.get(id);
    if (found !== undefined) return found;
    throw new AppError("not_found", `There is no integration called ${id}. There are: ${[...byId.keys()].join(", ")}.`);
  };
  return {
    all: () => installed,
    find: (id) => find(id).connector,
    icon: (id) => join(find(id).folder, "icon.svg"),
  };
}

/** Throws AppError("bad_request") naming the ways there are. */
export function authMethod(connector: Connector, kind: string): AuthDefinition<Record<string, unknown>> {
  const method = connector.auth.find((one) => one.kind === kind);
  if (method !== undefined) return method;
  throw new AppError(
    "bad_request",
    `${connector.manifest.name} can't be connected by ${kind}. It takes: ${connector.auth.map((one) => one.kind).join(", ")}.`,
    { details: { errors: [{ field: "auth", message: "Not one of the ways to connect." }] } },
  );
}
