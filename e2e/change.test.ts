// What a change affects, asked by a diff, by lines of a file and by a node with many users; and what is like a node.
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";
import { addRepository, nodeId } from "./testing/rest.ts";
import { createShop, type TestRepository } from "./testing/shop.ts";

/** `hub` is called by so many functions that the list has several pages. */
const callers = 1_234;

describe.skipIf(!hasBrowser())("the impact of a change", () => {
  let browser: Browser;
  let product: Product;
  let shop: TestRepository;
  let diff: string;
  beforeAll(async () => {
    shop = createShop();
    const uses = Array.from({ length: callers }, (_, index) => `export const use${index} = () => hub(${index});`);
    shop.commit(
      { "src/hub.ts": `export function hub(n: number): number {\n  return n;\n}\n${uses.join("\n")}\n` },
      "Add a hub",
    );
    shop.write({
      "src/pay/charge.ts":
        'import { log } from "../log";\n\n/** Charges a customer once; a retry is the same charge. */\nexport function charge(cents: number): string {\n  log("charge twice");\n  return `receipt ${cents}`;\n}\n',
      "src/brand-new.ts": "export const fresh = 1;\n",
    });
    diff = shop.git("diff", "HEAD");
    shop.git("reset", "-q", "--hard");
    [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
    await addRepository(product.url, shop.path);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    shop?.[Symbol.dispose]();
  });

  test("a pasted diff shows what it touches and what that affects, and its address brings the same back", async () => {
    await using at = await visit(browser, `${product.url}/explore?view=impact&by=diff`);
    const { page } = at;
    await page.getByLabel("Unified diff").fill(diff);
    await page.keyboard.press("Control+Enter");
    const changed = page.getByRole("list", { name: "Taken as changed" });
    await changed.getByRole("link", { name: /charge/ }).waitFor();
    await changed.getByText("line 5").waitFor();
    await page.getByRole("list", { name: "Not taken into account" }).getByText("src/brand-new.ts").waitFor();
    const table = page.getByRole("table", { name: "Affected nodes" });
    await table.getByRole("row", { name: /^1 Function checkout/ }).waitFor();
    await page.getByText("A diff of 2 files: +2 −1").waitFor();
    await page.reload();
    await table.getByRole("row", { name: /^1 Function checkout/ }).waitFor();
    await page.getByRole("button", { name: "Edit the diff" }).click();
    await expect.poll(() => page.getByLabel("Unified diff").inputValue()).toBe(diff);

    await using other = await visit(browser, page.url());
    await other.page
      .getByRole("table", { name: "Affected nodes" })
      .getByRole("row", { name: /^1 Function checkout/ })
      .waitFor();
    expect([...at.errors, ...other.errors]).toEqual([]);
  });

  test("a diff too long for an address stays in its tab, and elsewhere the link says so", async () => {
    const noise = Array.from(
      { length: 4_000 },
      (_, index) => `+export const v${index} = "${Math.sin(index).toString(36)}";`,
    );
    const long = `${diff}\n--- /dev/null\n+++ b/src/noise.ts\n@@ -0,0 +1,${noise.length} @@\n${noise.join("\n")}\n`;
    await using at = await visit(browser, `${product.url}/explore?view=impact&by=diff`);
    const { page } = at;
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(long)})`);
    await page.getByLabel("Unified diff").press("Control+v");
    await page.getByRole("button", { name: "Show impact" }).click();
    await page.getByRole("row", { name: /^1 Function checkout/ }).waitFor();
    expect(page.url().length).toBeLessThan(300);
    await page.reload();
    await page.getByRole("row", { name: /^1 Function checkout/ }).waitFor();

    await using other = await visit(browser, page.url());
    await other.page.getByRole("alert").filter({ hasText: "Paste the diff again" }).waitFor();
    await other.page.getByLabel("Unified diff").waitFor();
    expect([...at.errors, ...other.errors]).toEqual([]);
  });

  test("what is no diff is refused before it is sent, and a file can be opened instead", async () => {
    await using at = await visit(browser, `${product.url}/explore?view=impact&by=diff`);
    const { page } = at;
    await page.getByLabel("Unified diff").fill("just some words");
    await page.getByRole("button", { name: "Show impact" }).click();
    await page.getByRole("alert").filter({ hasText: "git diff" }).waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get("diff")).toBeNull();
    await page.getByLabel("Diff file").setInputFiles({
      name: "change.patch",
      mimeType: "text/x-diff",
      buffer: Buffer.from(diff),
    });
    await expect.poll(() => page.getByLabel("Unified diff").inputValue()).toBe(diff);
    await page.getByRole("button", { name: "Show impact" }).click();
    await page.getByRole("row", { name: /^1 Function checkout/ }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("lines marked in the source view lead to their impact, and a wrong range is said at its field", async () => {
    const repository = encodeURIComponent(`repo:local${shop.path}`);
    await using at = await visit(browser, `${product.url}/source?repo=${repository}&path=src/pay/charge.ts&lines=4-6`);
    const { page } = at;
    await page.getByRole("link", { name: "Impact of lines" }).click();
    await page.getByRole("list", { name: "Taken as changed" }).getByText("lines 4–6").waitFor();
    await page.getByRole("row", { name: /^1 Function checkout/ }).waitFor();
    await page.getByLabel("Lines", { exact: true }).fill("many");
    await page.getByRole("button", { name: "Show impact" }).click();
    await page.getByRole("alert").filter({ hasText: "12-40" }).waitFor();
    await page.getByLabel("Lines", { exact: true }).fill("");
    await page.getByRole("button", { name: "Show impact" }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("lines")).toBeNull();
    await page.getByRole("list", { name: "Taken as changed" }).getByRole("link", { name: "File charge.ts" }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("a file is found by its name, and lines that hold nothing say so", async () => {
    await using at = await visit(browser, `${product.url}/explore?view=impact&by=lines`);
    const { page } = at;
    await page.getByRole("combobox", { name: "File" }).fill("cart.ts");
    await page
      .getByRole("option", { name: /cart\.ts/ })
      .first()
      .click();
    await page.getByLabel("Lines", { exact: true }).fill("11-14");
    await page.keyboard.press("Enter");
    await page.getByRole("row", { name: /handlePurchase/ }).waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get("lines")).toBe("11-14");
    await page.goto(`${product.url}/explore?view=impact&by=lines&path=src/nowhere.ts&lines=1`);
    await page.getByRole("heading", { name: "Nothing on these lines is in the graph" }).waitFor();
    await page.getByText("The graph has no such file.").waitFor();
    expect(at.errors).toEqual([]);
  });

  test("a long list is loaded page by page with its total; sorting, hop and export take all of it", async () => {
    const hub = await nodeId(product.url, "hub");
    await using at = await visit(browser, `${product.url}/explore?view=impact&of=${hub}&depth=1`);
    const { page } = at;
    const status = page.getByText(/of 1,2\d\d loaded/);
    await page.getByText(/^500 of 1,2\d\d loaded/).waitFor();
    await page.getByRole("button", { name: "Show more" }).click();
    await page.getByText(/^1,000 of 1,2\d\d loaded/).waitFor();
    await page.getByRole("button", { name: "Show more" }).click();
    await status.waitFor({ state: "detached" });
    const listed = Number(
      /All ([\d,]+) listed/.exec(await page.getByText(/^All .* listed$/).innerText())?.[1]?.replace(",", ""),
    );
    expect(listed).toBeGreaterThanOrEqual(callers);
    const table = page.getByRole("table", { name: "Affected nodes" });
    expect(Number(await table.getAttribute("aria-rowcount"))).toBe(listed + 1);

    await page.goto(`${product.url}/explore?view=impact&of=${hub}&depth=1&sort=-name`);
    await page.getByText(`All ${listed.toLocaleString("en")} listed`).waitFor();
    await expect.poll(() => table.getByRole("row").nth(1).innerText()).toContain("use999");
    await table.getByRole("button", { name: "Affected" }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("sort")).toBe("name");
    await page.getByRole("button", { name: /^Direct/ }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("hop")).toBe("1");
    await page.reload();
    await page.getByRole("button", { name: /^Direct/, pressed: true }).waitFor();

    await page.goto(`${product.url}/explore?view=impact&of=${hub}&depth=1`);
    await page.getByText(/^500 of/).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "CSV" }).click(),
    ]);
    expect(readFileSync(await file.path(), "utf8").split("\r\n")).toHaveLength(listed + 2);
    expect(at.errors).toEqual([]);
  });

  test("a request that takes long can be stopped and started again", async () => {
    const charge = await nodeId(product.url, "charge");
    await using at = await visit(browser, product.url);
    const { page } = at;
    let asked = 0;
    let aborted = 0;
    page.on("requestfailed", (request) => (aborted += request.url().endsWith("/graph/impact") ? 1 : 0));
    await page.route("**/api/v1/graph/impact", async (route) => {
      asked += 1;
      // The first answer never comes.
      if (asked > 1) await route.continue();
    });
    await page.goto(`${product.url}/explore?view=impact&of=${charge}`);
    await page.getByText("Looking for what is affected…").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped").waitFor();
    await expect.poll(() => aborted).toBe(1);
    await page.getByRole("button", { name: "Start again" }).click();
    await page.getByRole("row", { name: /^1 Function checkout/ }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("a node's panel lists similar nodes with what they have in common, and opens one", async () => {
    const report = await nodeId(product.url, "report3");
    await using at = await visit(browser, `${product.url}/explore?open=${report}&select=${report}&tab=similar`);
    const { page } = at;
    const panel = page.getByRole("complementary", { name: "Node" });
    await panel
      .getByText(/^1 in common: calls log/)
      .first()
      .waitFor();
    await panel.getByRole("button", { name: /^\d+ more of \d+/ }).click();
    await expect.poll(() => panel.getByRole("listitem").count()).toBeGreaterThan(20);
    await panel.getByRole("button", { name: /report12 / }).click();
    await page.getByRole("heading", { level: 2, name: "report12" }).waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get("tab")).toBe("similar");
    expect(at.errors).toEqual([]);
  });
});
