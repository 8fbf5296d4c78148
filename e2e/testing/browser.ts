// A real browser for the tests: playwright-core with the machine's chromium.
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** False where there is no chromium. In CI that is a failure, not a skip: a test nobody ran proves nothing. */
export function hasBrowser(): boolean {
  if (existsSync(executablePath)) return true;
  if (process.env.CI)
    throw new Error(
      `There is no browser at ${executablePath}. Install it: apt-get install -y --no-install-recommends chromium`,
    );
  return false;
}

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    timeout: 180_000,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
