// The life of a repository in the browser: refused, synced, moved to another branch, removed; and what the page says meanwhile.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";
import { createRepository, createShop, type TestRepository } from "./testing/shop.ts";
import { addRepository } from "./testing/rest.ts";

describe.skipIf(!hasBrowser())("repositories", () => {
  let browser: Browser;
  let product: Product;
  let shop: TestRepository;
  let id: string;
  beforeAll(async () => {
    shop = createShop();
    [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
    id = await addRepository(product.url, shop.path);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    shop?.[Symbol.dispose]();
  });

  test.each([
    ["a folder that is no repository", "/tmp", "Repository"],
    ["a path that does not exist", "/nowhere/at/all", "Repository"],
    ["a host that cannot be reached", "https://localhost:9/acme/shop.git", "Repository"],
    ["something that is neither path nor URL", "shop", "Repository"],
  ])("%s is refused at its field, in words, and the form stays", async (_, source, field) => {
    await using at = await visit(browser, `${product.url}/add`);
    const { page } = at;
    const input = page.getByLabel(field, { exact: true });
    await input.fill(source);
    await page.getByRole("button", { name: "Index this repository" }).click();
    const message = page.getByRole("alert");
    await message.waitFor();
    expect((await message.innerText()).length).toBeGreaterThan(20);
    await expect.poll(() => input.getAttribute("aria-invalid")).toBe("true");
    await expect.poll(() => input.inputValue()).toBe(source);
    await expect.poll(() => new URL(page.url()).search).toBe("");
    expect(at.errors).toEqual([]);
  });

  test("a branch that does not exist is said at the branch, which opens for it", async () => {
    using other = createShop();
    await using at = await visit(browser, `${product.url}/add`);
    const { page } = at;
    await page.getByLabel("Repository", { exact: true }).fill(other.path);
    await page.getByRole("button", { name: "Branch or private repository" }).click();
    await page.getByLabel("Branch", { exact: true }).fill("no-such-branch");
    await page.getByRole("button", { name: "Index this repository" }).click();
    await page.getByRole("alert").filter({ hasText: "no-such-branch" }).waitFor();
    await expect.poll(() => page.getByLabel("Branch", { exact: true }).getAttribute("aria-invalid")).toBe("true");
  });

  test("a repository that is here already is named, with a way to it", async () => {
    await using at = await visit(browser, `${product.url}/add`);
    const { page } = at;
    await page.getByLabel("Repository", { exact: true }).fill(shop.path);
    await page.getByRole("button", { name: "Index this repository" }).click();
    await page.getByRole("link", { name: "Open the one that is here" }).click();
    await page.getByRole("heading", { level: 1, name: "shop" }).waitFor();
  });

  test("its page shows state, packages, skipped files by reason and the jobs so far", async () => {
    await using at = await visit(browser, `${product.url}/repositories/${id}`);
    const { page } = at;
    await page.getByText("Ready").waitFor();
    await page.getByRole("region", { name: "Packages in its manifests" }).getByText("fastify").waitFor();
    const skipped = page.getByRole("table", { name: "Skipped files" });
    await skipped.getByRole("row").filter({ hasText: "vendor" }).waitFor();
    await page.getByRole("button", { name: /^Excluded by default/ }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("skipped")).toBe("excluded");
    await skipped.getByRole("row").filter({ hasText: "vendor" }).waitFor();
    await page.getByText("takes one back").waitFor();
    await page.getByLabel("Search path or detail").fill("VEND");
    await page.getByText("All 1 listed").waitFor();
    await page.getByLabel("Search path or detail").fill("nothing like this");
    await page.getByText("No skipped path has “nothing like this” in it").waitFor();
    await page.reload();
    await page.getByText("No skipped path has “nothing like this” in it").waitFor();
    await page.getByRole("region", { name: "History" }).getByText("succeeded").first().waitFor();
    expect(at.errors).toEqual([]);
  });

  test("its page says which languages it is in, what each job counted, and which commits the graph has shown", async () => {
    await using at = await visit(browser, `${product.url}/repositories/${id}`);
    const { page } = at;
    const languages = page.getByRole("region", { name: "Languages" }).getByRole("listitem");
    await languages
      .filter({ hasText: "TypeScript" })
      .getByText(/^4\d files$/)
      .waitFor();
    await languages.filter({ hasText: "Python" }).getByText("1 file").waitFor();
    const history = page.getByRole("region", { name: "History" });
    await history.getByText("succeeded").first().click();
    await history.getByText("Calls resolved").first().waitFor();
    const commits = page.getByRole("list", { name: "Commits shown" }).getByRole("listitem");
    await expect.poll(() => commits.count()).toBe(1);
    await expect.poll(() => commits.first().innerText()).toContain(shop.git("rev-parse", "HEAD").slice(0, 12));
    shop.commit({ "src/tax.ts": "export function tax(): void {}\n" }, "Pay taxes");
    await page.getByRole("button", { name: "Sync" }).click();
    await commits.filter({ hasText: shop.git("rev-parse", "HEAD").slice(0, 12) }).waitFor();
    await commits
      .nth(1)
      .getByText(/^for .*, until/)
      .waitFor();
    expect(at.errors).toEqual([]);
  });

  test("a sync brings new commits in without a reload", async () => {
    await using at = await visit(browser, `${product.url}/repositories/${id}`);
    const { page } = at;
    await page.getByText("Ready").waitFor();
    shop.commit({ "src/gift.ts": "export function wrapGift(): void {}\n" }, "Wrap gifts");
    const head = shop.git("rev-parse", "HEAD").slice(0, 12);
    await page.getByRole("button", { name: "Sync" }).click();
    await page.getByRole("region", { name: "State" }).getByText(head).waitFor();
    await page.getByText("Ready").waitFor();
    await page.goto(`${product.url}/explore`);
    await page.getByRole("combobox", { name: "Search the graph" }).fill("wrapGift");
    await page
      .getByRole("option", { name: /wrapGift/ })
      .first()
      .waitFor();
    expect(at.errors).toEqual([]);
  });

  test("another branch needs the repository's name typed, and then shows that branch's code", async () => {
    await using at = await visit(browser, `${product.url}/repositories/${id}`);
    const { page } = at;
    await page.getByRole("button", { name: "Change branch" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Branch", { exact: true }).fill("next");
    const confirm = dialog.getByRole("button", { name: "Change branch" });
    await expect.poll(() => confirm.isDisabled()).toBe(true);
    await dialog.getByLabel(/to confirm/).fill("shop");
    await confirm.click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("region", { name: "State" }).getByText(shop.git("rev-parse", "next").slice(0, 12)).waitFor();
    await page.getByText("Ready").waitFor();
    await page.goto(`${product.url}/explore`);
    await page.getByRole("combobox", { name: "Search the graph" }).fill("refund");
    await page
      .getByRole("option", { name: /refund/ })
      .first()
      .waitFor();
    expect(at.errors).toEqual([]);
  });

  test("while the server is away the page says that it is stale, and recovers by itself", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await product.kill();
    await page.getByText(/^Stale: no live updates/).waitFor();
    await product.restart();
    await page.getByText(/^Stale: no live updates/).waitFor({ state: "detached" });
  });

  test("removing needs the name typed, says what goes, and leaves the graph without it", async () => {
    await using at = await visit(browser, `${product.url}/repositories/${id}`);
    const { page } = at;
    await page.getByRole("button", { name: "Remove" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/at most [\d,]+ nodes and [\d,]+ edges/).waitFor();
    await dialog.getByLabel(/to confirm/).fill("shop");
    await dialog.getByRole("button", { name: "Remove from the graph" }).click();
    await page.getByLabel("Repository", { exact: true }).waitFor();
    await expect
      .poll(
        async () =>
          ((await (await fetch(`${product.url}/api/v1/graph/stats`)).json()) as { total_nodes: number }).total_nodes,
      )
      .toBe(0);
    expect(at.errors).toEqual([]);
  });

  test("what one may ask of a new repository is about it, though another has more that matters", async () => {
    using larger = createShop();
    using bank = createRepository("bank");
    bank.commit(
      { "ledger.py": "def book(cents):\n    return cents\n\n\ndef transfer():\n    return book(1) + book(2)\n" },
      "Book money",
    );
    await addRepository(product.url, larger.path);
    const added = await addRepository(product.url, bank.path);
    await using at = await visit(browser, `${product.url}/add?repository=${added}`);
    const questions = at.page.getByRole("region", { name: "Ask it something" });
    await questions.getByRole("link", { name: "What would be affected if I change book?" }).waitFor();
    await expect.poll(() => questions.innerText()).not.toMatch(/log|charge/);
  });
});
