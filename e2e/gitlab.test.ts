// Connecting a self-hosted GitLab in the browser by signing in there, what its merge requests look like beside the code, and signing in again.
import { join } from "node:path";
import { type FakeGitLab, startFakeGitLab } from "@opentrace/connectors/gitlab/testing/fake-gitlab.ts";
import { addMergeRequest } from "@opentrace/connectors/gitlab/testing/fake-state.ts";
import { addSampleGroup } from "@opentrace/connectors/gitlab/testing/sample-group.ts";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { axeViolations, visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";
import { nodeId } from "./testing/rest.ts";
import { createRepository, type TestRepository } from "./testing/shop.ts";

const pay =
  "import math\n\ndef charge(amount):\n    return amount\n\ndef refund(amount):\n    return charge(-amount)\n";

describe.skipIf(!hasBrowser())("GitLab", () => {
  let browser: Browser;
  let product: Product;
  let gitlab: FakeGitLab;
  let code: TestRepository;
  let client: { id: string; secret: string };
  beforeAll(async () => {
    gitlab = await startFakeGitLab({ subPath: "/tools/gitlab" });
    const { shop, mergeRequest } = addSampleGroup(gitlab);
    code = createRepository("shop");
    code.commit({ "src/pay.py": pay }, "Take money");
    shop.gitFolder = join(code.path, ".git");
    addMergeRequest(gitlab.state, shop, {
      title: "Refund what was charged",
      state: "merged",
      mergedAt: new Date(Date.now() - 3_600_000).toISOString(),
      diffs: mergeRequest.diffs,
    });
    [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
    client = gitlab.access.registerApplication(`${product.url}/api/v1/integrations/callback/gitlab`);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    await gitlab?.close();
    code?.[Symbol.dispose]();
  });

  async function popupOf(page: Page, button: string): Promise<Page> {
    const [popup] = await Promise.all([page.waitForEvent("popup"), page.getByRole("button", { name: button }).click()]);
    return popup;
  }
  const alive = (): string[] =>
    [...gitlab.access.tokens.values()].filter(({ kind, revoked }) => kind === "oauth" && !revoked).map((t) => t.value);
  const integrationId = async (): Promise<string> => {
    const answer = await fetch(`${product.url}/api/v1/integrations`);
    const [one] = ((await answer.json()) as { integrations: { id: string }[] }).integrations;
    return one?.id ?? "";
  };

  test("the wizard leads from GitLab's own page to a project's code and merge requests", async () => {
    await using at = await visit(browser, `${product.url}/integrations`);
    const { page } = at;
    await page.getByRole("link", { name: "GitLab", exact: true }).click();
    await page.getByRole("link", { name: "Connect GitLab" }).click();
    await page.getByRole("radio", { name: /^OAuth/ }).check();
    await page.getByRole("button", { name: /^Settings/ }).click();
    await page.getByLabel(/^GitLab address/).fill(gitlab.urls.web);
    await page.getByText(`${product.url}/api/v1/integrations/callback/gitlab`).waitFor();
    // Where the application is registered: on the server whose address was typed.
    const register = page.getByRole("link", { name: /^Register it for/ });
    await expect
      .poll(() => register.getAttribute("href"))
      .toBe(`${gitlab.urls.web.replace(/\/$/, "")}/-/user_settings/applications`);
    await page.getByLabel("Client ID").fill(client.id);
    await page.getByLabel("Client secret").fill(client.secret);
    const popup = await popupOf(page, "Connect GitLab");
    await popup.getByRole("link", { name: "Authorize" }).click();
    await page.getByRole("heading", { level: 2, name: "Test permissions" }).waitFor();
    const permissions = page.getByRole("list", { name: "Permissions" }).getByRole("listitem");
    await permissions.filter({ hasText: "Merge requests: view" }).getByText("Granted").waitFor();
    await permissions.filter({ hasText: "api scope, Maintainer" }).getByText("Missing, optional").waitFor();
    await page.getByRole("button", { name: "Choose what to sync" }).click();
    const list = page.getByRole("list", { name: "Projects" });
    await list.getByText("acme/docs").waitFor();
    await page.getByRole("button", { name: "Groups", exact: true }).click();
    await page.getByRole("list", { name: "Groups" }).getByText("acme/platform").waitFor();
    await page.getByText("Choosing one means everything in it").waitFor();
    await page.getByRole("button", { name: "Projects", exact: true }).click();
    await page.getByLabel("Search projects").fill("shop");
    await list.getByRole("checkbox", { name: /acme\/platform\/shop/ }).check();
    await page.getByRole("button", { name: "Count what comes in" }).click();
    await page.getByText("1 project would be synced.").waitFor();
    await page.getByRole("button", { name: "Start the sync" }).click();
    await page.getByText("Synced.").waitFor({ timeout: 300_000 });
    await page.getByRole("link", { name: "Open its page" }).click();
    await page.getByText("Healthy").first().waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(at.errors).toEqual([]);
    expect(gitlab.violations).toEqual([]);
  });

  test("a function's panel shows the open merge request, the merged one and the last changes, each with its way to GitLab", async () => {
    // The sync asks for the code to be indexed and does not wait for it.
    const indexed = (): Promise<string | null> => nodeId(product.url, "charge").catch(() => null);
    await expect.poll(indexed).not.toBeNull();
    const charge = (await indexed()) ?? "";
    await using at = await visit(browser, `${product.url}/explore?open=${charge}:12&select=${charge}`);
    const { page } = at;
    const panel = page.getByRole("complementary", { name: "Node" });
    await panel
      .getByRole("region", { name: "Open pull requests" })
      .getByRole("button", { name: /Round fees up/ })
      .waitFor();
    const merged = panel.getByRole("region", { name: "Merged pull requests" });
    await expect.poll(() => merged.getByRole("listitem").count()).toBe(1);
    await merged.getByText("1 hour ago").waitFor();
    await expect
      .poll(() => merged.getByRole("link").getAttribute("href"))
      .toContain(`${gitlab.urls.web}/acme/platform/shop`);
    const changes = panel.getByRole("region", { name: "Recent changes" });
    await changes.getByText("Take money").waitFor();
    await changes
      .getByRole("button", { name: /merged.*Refund what was charged/ })
      .first()
      .waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await merged.getByRole("button", { name: /Refund what was charged/ }).click();
    await page.getByRole("heading", { level: 2, name: "Refund what was charged" }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test.each([
    ["light", 1440],
    ["dark", 400],
  ] as const)("the repository's page shows the same of all its code (%s, %i px)", async (colorScheme, width) => {
    const { repositories } = (await (await fetch(`${product.url}/api/v1/repositories`)).json()) as {
      repositories: { id: string }[];
    };
    await using at = await visit(browser, `${product.url}/repositories/${repositories[0]?.id}`, {
      colorScheme,
      viewport: { width, height: 900 },
    });
    const { page } = at;
    for (const [part, text] of [
      ["Open pull requests", "Round fees up"],
      ["Merged pull requests", "Refund what was charged"],
      ["Open issues", "Charges are rounded down"],
      ["Recent changes", "Take money"],
    ] as const)
      await page.getByRole("region", { name: part, exact: true }).getByText(text).first().waitFor();
    await page.getByRole("region", { name: "Deployed now" }).getByText("production").first().waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.locator("#main").evaluate((main) => main.scrollWidth - main.clientWidth)).toBe(0);
    expect(at.errors).toEqual([]);
  });

  test("signing in again puts a new credential in the old one's place, and refusing it changes nothing", async () => {
    const [before] = alive();
    expect(before).toBeDefined();
    await using at = await visit(browser, `${product.url}/integrations/gitlab/${await integrationId()}`);
    const { page } = at;
    await page.getByRole("button", { name: "Rotate credential" }).click();
    const dialog = page.getByRole("dialog");
    const denied = await popupOf(page, "Continue at GitLab");
    await denied.waitForURL(/oauth\/authorize/);
    await denied.goto(`${denied.url()}&answer=cancel`);
    await dialog.getByRole("alert").filter({ hasText: "GitLab did not let OpenTrace in" }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await denied.close();
    expect(alive()).toEqual([before]);
    const granted = await popupOf(page, "Try again");
    await granted.getByRole("link", { name: "Authorize" }).click();
    await page.getByText("has a new credential").waitFor();
    await dialog.waitFor({ state: "detached" });
    expect(alive()).not.toEqual([before]);
    // What comes next is asked with the new one.
    for (const token of gitlab.access.tokens.values()) if (token.value === before) token.revoked = true;
    await page.getByRole("button", { name: "Sync now" }).click();
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByRole("dialog").getByText("Granted").first().waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("Healthy").first().waitFor();
    expect(at.errors).toEqual([]);
    expect(gitlab.violations).toEqual([]);
  });
});
