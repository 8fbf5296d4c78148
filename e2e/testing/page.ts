// A page of the product with what every test wants of it: no error in the console, and the product's own words for things.
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export interface Visit extends AsyncDisposable {
  page: Page;
  /** Errors that the page wrote or threw. A failed request that a test provokes is in `refused` instead. */
  errors: string[];
}

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: "reduce",
    ...options,
  });
  // Ends a hang: how long a page takes on a busy machine is no failure. Holds for its popups, too.
  context.setDefaultTimeout(120_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // The browser itself reports 4xx answers; what the page makes of them is what the tests look at.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      errors.push(message.text());
  });
  await page.goto(url);
  await mounted(page);
  return { page, errors, [Symbol.asyncDispose]: () => context.close() };
}

/** Waits until the app is there and listens to keys: `load` comes before its first render. */
const mounted = (page: Page): Promise<void> => page.locator("h1").first().waitFor({ state: "attached" });

/** One line for each violation, with the element it is about. */
export async function axeViolations(page: Page): Promise<string[]> {
  const results = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    // Only violations are read. The product has no frames: one run in the page itself does, without a second page for each look.
    .options({ resultTypes: ["violations"] })
    .setLegacyMode()
    .analyze();
  return results.violations.map(
    (violation) =>
      `${violation.id}: ${violation.help} (${violation.nodes.map((node) => node.target.join(" ")).join("; ")})`,
  );
}

/** Waits until the canvas has placed its nodes. */
export async function settled(page: Page, nodes: number): Promise<void> {
  await page.locator(`[data-testid=canvas][data-settled="${nodes}"]`).waitFor();
}
