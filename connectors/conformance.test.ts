// Runs the conformance suite over every connector's folder: what makes a folder a connector is its index.ts.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Connector } from "./connector.ts";
import { describeConformance } from "./testing/conformance.ts";
import type { StartSubject } from "./testing/subject.ts";

const root = import.meta.dirname;
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, "index.ts")))
  .map((entry) => join(root, entry.name));

it("looks at the connectors that there are", () => {
  expect(folders.length).toBeGreaterThan(0);
});

for (const folder of folders) {
  const { connector } = (await import(join(folder, "index.ts"))) as { connector: Connector };
  const { startSubject } = (await import(join(folder, "testing", "subject.ts"))) as { startSubject: StartSubject };
  describeConformance({ folder, connector, startSubject });
}
