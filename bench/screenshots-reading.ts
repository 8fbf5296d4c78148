// Reads the files named on its command line one after the other and prints what each cost: run by screenshots.ts in a process of its own.
import { resourceUsage } from "node:process";
import { createWordFinder } from "@opentrace/server/src/screenshots/reading/read-text.ts";
import { corpusImage } from "@opentrace/server/src/screenshots/testing/corpus.ts";

const finder = await createWordFinder();
for (const file of process.argv.slice(2)) {
  const before = process.cpuUsage();
  const found = await finder.find(corpusImage(file));
  const { user, system } = process.cpuUsage(before);
  const line = { file, found, cpuSeconds: (user + system) / 1e6, peakRssMb: resourceUsage().maxRSS / 1024 };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
await finder.close();
