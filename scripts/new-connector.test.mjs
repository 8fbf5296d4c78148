// What `npm run new:connector` makes is a connector: it passes the suite that all of them pass.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { describeConformance } from "../connectors/testing/conformance.ts";
import { makeConnector } from "./new-connector.mjs";

// Beside the real connectors, but not among them: others look there at the same time.
const root = join(import.meta.dirname, "..");
const place = mkdtempSync(join(root, ".new-connector-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const connectors = join(place, "connectors");
mkdirSync(connectors);
for (const entry of readdirSync(join(root, "connectors"), { withFileTypes: true }))
  if (entry.name.endsWith(".ts") || entry.name === "testing" || entry.name === "node_modules")
    symlinkSync(join(root, "connectors", entry.name), join(connectors, entry.name));

makeConnector("sample-vendor", connectors);
const folder = join(connectors, "sample-vendor");
const { connector } = await import(join(folder, "index.ts"));
const { startSubject } = await import(join(folder, "testing", "subject.ts"));
describeConformance({ folder, connector, startSubject });

it("refuses names that are no folders, and folders that are there", () => {
  for (const name of ["", "Jira", "../up", "a b", "testing", "-x"])
    expect(() => makeConnector(name, connectors)).toThrow(/should be lower-case/);
  expect(() => makeConnector("sample-vendor", connectors)).toThrow(/there already/);
});
