// Connecting GitHub in the browser, from the gallery to a graph that holds its pull requests, and everything up to the disconnect.
// Long because its tests share one product and one browser, whose start costs more than a test.
import { createHmac, randomUUID } from "node:crypto";
import { type FakeGitHub, startFakeGitHub } from "@opentrace/connectors/github/testing/fake-github.ts";
import { addRepository } from "@opentrace/connectors/github/testing/fake-state.ts";
import { addSampleOrg } from "@opentrace/connectors/github/testing/sample-org.ts";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { axeViolations, visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";

const webhookSecret = "between us";
const everything = {
  contents: "read",
  issues: "read",
  pull_requests: "read",
  deployments: "read",
  actions: "read",
  checks: "read",
  members: "read",
} as const;

describe.skipIf(!hasBrowser())("integrations", () => {
  let browser: Browser;
  let product: Product;
  let github: FakeGitHub;
  beforeAll(async () => {
    github = await startFakeGitHub();
    addSampleOrg(github);
    for (let number = 1; number <= 60; number += 1)
      addRepository(github.state, `acme/service-${number}`, { description: `Service number ${number}` });
    [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    await github?.close();
  });

  const connected = async (): Promise<{ id: string; name: string }[]> =>
    (
      (await (await fetch(`${product.url}/api/v1/integrations`)).json()) as {
        integrations: { id: string; name: string }[];
      }
    ).integrations;
  const nodes = async (type: string): Promise<number> =>
    ((await (await fetch(`${product.url}/api/v1/graph/nodes?types=${type}`)).json()) as { nodes: unknown[] }).nodes
      .length;
  const step = (page: Page, name: string): Locator => page.getByRole("heading", { level: 2, name, exact: true });
  const secret = (page: Page): Locator => page.getByRole("textbox", { name: "Fine-grained token" });

  async function chooseToken(page: Page): Promise<void> {
    await page.goto(`${product.url}/integrations/github/connect?auth=token`);
    await page.getByRole("button", { name: /^Settings/ }).click();
    await page.getByLabel(/^GitHub address/).fill(github.urls.web);
  }

  test("the gallery is searched by what an integration brings, and says when nothing fits", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.keyboard.press("g");
    await page.keyboard.press("i");
    await page.waitForURL(/\/integrations$/);
    await page.getByRole("link", { name: "GitHub", exact: true }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("pull requests");
    await page.getByText("1 of ").waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe("pull requests");
    await page.getByLabel("Search integrations").fill("abacus");
    await page.getByText("No integration fits “abacus”").waitFor();
    await page.getByRole("button", { name: /^Show all/ }).click();
    await page.getByRole("link", { name: "GitHub", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "GitHub" }).waitFor();
    await page.getByText("Repository structure and files").waitFor();
    await page.getByText("Contents: read").waitFor();
    await page.getByRole("link", { name: "Connect GitHub" }).click();
    await step(page, "Authenticate").waitFor();
    expect(at.errors).toEqual([]);
  });

  test("a credential that is missing or refused is said in the form, and leaves nothing behind", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await chooseToken(page);
    await page.getByRole("button", { name: "Connect GitHub" }).click();
    await page.getByText("Fine-grained token is needed.").waitFor();
    await expect.poll(() => secret(page).getAttribute("aria-invalid")).toBe("true");
    await secret(page).fill("github_pat_nobody_knows");
    await page.getByRole("button", { name: "Connect GitHub" }).click();
    await page.getByRole("alert").filter({ hasText: "GitHub refused the credential" }).waitFor();
    await page.getByLabel(/^GitHub address/).fill("no address");
    await page.getByRole("button", { name: "Connect GitHub" }).click();
    await expect.poll(() => page.getByLabel(/^GitHub address/).getAttribute("aria-invalid")).toBe("true");
    expect(await connected()).toEqual([]);
    expect(at.errors).toEqual([]);
  });

  test("a permission that was denied says how to grant it, and is granted when it is tried again", async () => {
    const token = github.access.mintFineGrainedToken("grace", { contents: "read", issues: "read" });
    await using at = await visit(browser, product.url);
    const { page } = at;
    await chooseToken(page);
    await secret(page).fill(token.value);
    await page.getByRole("button", { name: "Connect GitHub" }).click();
    await step(page, "Test permissions").waitFor();
    const list = page.getByRole("list", { name: "Permissions" }).getByRole("listitem");
    const pulls = list.filter({ hasText: "Pull requests: read" });
    await pulls.getByText("Missing, optional").waitFor();
    await pulls.getByText(/Grant “Pull requests: read” in the settings/).waitFor();
    await list.filter({ hasText: "Issues: read" }).getByText("Granted").waitFor();
    // The address knows the integration: a reload goes on here.
    await page.reload();
    await step(page, "Test permissions").waitFor();
    Object.assign(token.permissions, everything);
    await page.getByRole("button", { name: "Test again" }).click();
    await pulls.getByText("Granted").waitFor();
    const [integration] = await connected();
    await fetch(`${product.url}/api/v1/integrations/${integration?.id}?confirm=${integration?.name}`, {
      method: "DELETE",
    });
    await expect.poll(connected).toEqual([]);
    expect(at.errors).toEqual([]);
  });

  test("the wizard leads from a token to pull requests in the graph, each step in the address", async () => {
    const token = github.access.mintFineGrainedToken("ada", everything);
    await using at = await visit(browser, product.url);
    const { page } = at;
    await chooseToken(page);
    await secret(page).fill(token.value);
    await page.getByRole("button", { name: "Connect GitHub" }).click();
    await page.getByText("7 of 8 permissions are granted").waitFor();
    await page.getByRole("button", { name: "Choose what to sync" }).click();
    const list = page.getByRole("list", { name: "Repositories" });
    await list.getByText("acme/shop").waitFor();
    await expect.poll(() => list.getByRole("checkbox").count()).toBe(50);
    await page.getByRole("button", { name: /^Show more/ }).click();
    await expect.poll(() => list.getByRole("checkbox").count()).toBe(62);
    await expect.poll(() => page.getByRole("button", { name: "Count what comes in" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Select all repositories" }).click();
    await page.getByText("All repositories", { exact: true }).waitFor();
    await expect.poll(() => list.getByRole("checkbox").last().isChecked()).toBe(true);
    await page.getByRole("button", { name: "Undo my changes" }).click();
    await page.getByLabel("Search repositories").fill("SHOP");
    await expect.poll(() => list.getByRole("checkbox").count()).toBe(1);
    await list.getByRole("checkbox", { name: /acme\/shop/ }).check();
    const branch = page.getByLabel("Branch of acme/shop");
    await expect.poll(() => branch.getAttribute("placeholder")).toBe("default branch (main)");
    await page.getByLabel("Search repositories").fill("acme/docs");
    await list.getByRole("checkbox", { name: /acme\/docs/ }).check();
    await page.getByText("2 chosen").waitFor();
    await page.getByRole("button", { name: "Count what comes in" }).click();
    await step(page, "Count").waitFor();
    await page.getByText("2 repositories would be synced.").waitFor();
    await expect.poll(() => page.getByLabel("What comes in").getByText("Pull requests").count()).toBeGreaterThan(0);
    expect(await nodes("PullRequest")).toBe(0);
    await page.getByRole("button", { name: "Start the sync" }).click();
    await page.waitForURL(/step=sync/);
    await page.getByText("Synced.").waitFor({ timeout: 300_000 });
    await expect.poll(() => nodes("PullRequest")).toBe(1);
    await page.getByRole("link", { name: "Open its page" }).click();
    await page.getByRole("heading", { level: 1, name: "acme" }).waitFor();
    await page.getByText("Healthy").first().waitFor();
    expect(at.errors).toEqual([]);
    expect(github.violations).toEqual([]);
  });

  test("its page shows what is synced, what was done and what it cost, and filters live in the address", async () => {
    const [integration] = await connected();
    await using at = await visit(browser, `${product.url}/integrations/github/${integration?.id}`);
    const { page } = at;
    const state = page.getByRole("region", { name: "State" });
    await state.getByRole("link", { name: "2 repositories" }).waitFor();
    await page.getByRole("meter", { name: "core: requests left" }).waitFor();
    const part = (name: string): Promise<void> =>
      page.getByRole("navigation", { name: "Parts of this integration" }).getByRole("link", { name }).click();
    await part("Repositories");
    const synced = page.getByRole("list", { name: "What is synced" });
    await synced.getByText("acme/shop").waitFor();
    await page.getByLabel("Search by name").fill("docs");
    await synced.getByText("acme/shop").waitFor({ state: "detached" });
    await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe("docs");
    await part("Sync history");
    const runs = page.getByRole("list", { name: "Syncs", exact: true });
    await runs.getByText("succeeded").first().waitFor();
    await page.getByLabel("State").selectOption("failed");
    await page.getByText("No sync has ended as failed").waitFor();
    await page.reload();
    await page.getByText("No sync has ended as failed").waitFor();
    await part("Log");
    await page.getByLabel("From level").selectOption("debug");
    await page.waitForURL(/level=debug/);
    expect(at.errors).toEqual([]);
  });

  test("another branch needs the repository's name typed", async () => {
    const [integration] = await connected();
    await using at = await visit(browser, `${product.url}/integrations/github/${integration?.id}?part=scopes`);
    const { page } = at;
    await page.getByRole("button", { name: "Change the branch of acme/shop" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Branch", { exact: true }).fill("next");
    const confirm = dialog.getByRole("button", { name: "Change branch" });
    await dialog.getByLabel(/to confirm/).fill("acme");
    await expect.poll(() => confirm.isDisabled()).toBe(true);
    await dialog.getByLabel(/to confirm/).fill("acme/shop");
    await confirm.click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("listitem").filter({ hasText: "acme/shop" }).getByText("next", { exact: true }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("pause and resume, and a new name, show at once", async () => {
    const [integration] = await connected();
    await using at = await visit(browser, `${product.url}/integrations/github/${integration?.id}`);
    const { page } = at;
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText(/^Paused: nothing is synced/).waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText(/^Paused: nothing is synced/).waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Settings", exact: true }).last().click();
    await page.getByLabel("Name", { exact: true }).fill("Acme at GitHub");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { level: 1, name: "Acme at GitHub" }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("a revoked token is told with what to do, and a new one mends it; a wrong one changes nothing", async () => {
    const [integration] = await connected();
    for (const token of github.access.tokens.values()) token.revoked = true;
    await using at = await visit(browser, `${product.url}/integrations/github/${integration?.id}`);
    const { page } = at;
    await page.getByRole("button", { name: "Sync now" }).click();
    await page.getByRole("alert").filter({ hasText: "GitHub refused" }).waitFor();
    await page.getByText("Unauthorized").first().waitFor();
    await page.getByText("What was synced before is still there.").waitFor();
    await page.getByRole("button", { name: "Rotate credential" }).click();
    const dialog = page.getByRole("dialog");
    const typed = dialog.getByRole("textbox", { name: "Fine-grained token" });
    await typed.fill("github_pat_wrong");
    await dialog.getByRole("button", { name: "Rotate" }).click();
    await dialog.getByRole("alert").filter({ hasText: "GitHub refused" }).waitFor();
    await typed.fill(github.access.mintFineGrainedToken("ada", everything).value);
    await dialog.getByRole("textbox", { name: /^Webhook secret/ }).fill(webhookSecret);
    await dialog.getByRole("button", { name: "Rotate" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("Healthy").first().waitFor();
    expect(at.errors).toEqual([]);
  });

  test("what a webhook brings is listed as it comes, with what became of it", async () => {
    const [integration] = await connected();
    await using at = await visit(browser, `${product.url}/integrations/github/${integration?.id}?part=webhooks`);
    const { page } = at;
    await page.getByText("Nothing has arrived yet").waitFor();
    const body = JSON.stringify({ zen: "Keep it logically awesome.", hook_id: 1 });
    const delivery = randomUUID();
    const answer = await fetch(`${product.url}/api/v1/webhooks/github/${integration?.id}`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-github-event": "ping",
        "x-github-delivery": delivery,
        "x-hub-signature-256": `sha256=${createHmac("sha256", webhookSecret).update(body).digest("hex")}`,
      },
    });
    expect(answer.status).toBe(202);
    const row = page.getByRole("list", { name: "Deliveries" }).getByRole("listitem").filter({ hasText: delivery });
    await row
      .getByText("ignored")
      .or(row.getByText("done", { exact: true }))
      .first()
      .waitFor();
    await row.getByText("ping", { exact: true }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test.each([
    ["light", 1440],
    ["dark", 400],
  ] as const)("axe finds nothing on these screens (%s, %i px)", async (colorScheme, width) => {
    const [integration] = await connected();
    const own = `/integrations/github/${integration?.id}`;
    const wizard = `/integrations/github/connect`;
    const found: Record<string, string[]> = {};
    await using at = await visit(browser, product.url, { colorScheme, viewport: { width, height: 900 } });
    const { page } = at;
    const look = async (what: string): Promise<void> => {
      const violations = await axeViolations(page);
      if (violations.length > 0) found[what] = violations;
      const over = await page.locator("#main").evaluate((main) => main.scrollWidth - main.clientWidth);
      if (over > 0) found[`${what}: wider than the screen`] = [String(over)];
    };
    const screens: [path: string, there: Locator][] = [
      ["/integrations", page.getByRole("heading", { name: "Connected" })],
      ["/integrations?q=abacus", page.getByText("No integration fits")],
      ["/integrations/github", page.getByRole("heading", { name: "Permissions required" })],
      ["/integrations/nothing", page.getByText("There is no integration “nothing”")],
      [wizard, page.getByRole("radio").first()],
      [`${wizard}?auth=oauth2`, page.getByLabel("Client ID")],
      [`${wizard}?auth=token`, page.getByRole("textbox", { name: "Fine-grained token" })],
      [`${wizard}?integration=${integration?.id}`, page.getByRole("list", { name: "Permissions" })],
      [`${wizard}?integration=${integration?.id}&step=choose`, page.getByRole("list", { name: "Repositories" })],
      [
        `${wizard}?integration=${integration?.id}&step=choose&kind=organization`,
        page.getByRole("list", { name: "Organizations" }),
      ],
      [`${wizard}?integration=${integration?.id}&step=count`, page.getByLabel("What comes in")],
      [`${wizard}?integration=${integration?.id}&step=sync`, page.getByText("Synced.")],
      [own, page.getByRole("heading", { name: "State" })],
      [`${own}?part=scopes`, page.getByRole("list", { name: "What is synced" })],
      [`${own}?part=history`, page.getByRole("list", { name: "Syncs", exact: true })],
      [`${own}?part=log&level=debug`, page.getByRole("heading", { name: "Log" })],
      [`${own}?part=webhooks`, page.getByRole("heading", { name: "Webhook deliveries" })],
      [`${own}?part=settings`, page.getByLabel("Name", { exact: true })],
    ];
    for (const [path, there] of screens) {
      await page.goto(product.url + path);
      await there.waitFor();
      await look(path);
    }
    for (const action of ["Test", "Rotate credential", "Disconnect"]) {
      await page.getByRole("button", { name: action, exact: true }).click();
      await page.getByRole("dialog").waitFor();
      await page
        .getByRole("dialog")
        .getByRole("status", { name: /^(Trying|Counting)/ })
        .waitFor({ state: "detached" });
      await look(action);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    expect(found).toEqual({});
    expect(at.errors).toEqual([]);
  });

  test("a disconnect says what goes, needs the name typed, and takes out what it brought", async () => {
    const [integration] = await connected();
    await using at = await visit(browser, `${product.url}/integrations/github/${integration?.id}`);
    const { page } = at;
    await page.getByRole("button", { name: "Disconnect" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/what 2 repositories brought, \d+ nodes and \d+ edges that nothing else says/).waitFor();
    const confirm = dialog.getByRole("button", { name: "Disconnect" });
    await dialog.getByLabel(/to confirm/).fill("acme");
    await expect.poll(() => confirm.isDisabled()).toBe(true);
    await dialog.getByLabel(/to confirm/).fill("Acme at GitHub");
    await confirm.click();
    await page.waitForURL(/\/integrations$/);
    await expect.poll(connected).toEqual([]);
    await page.getByRole("heading", { name: "Connected" }).waitFor({ state: "detached" });
    await expect.poll(() => nodes("PullRequest")).toBe(0);
    await page.goto(`${product.url}/integrations/github/${integration?.id}`);
    await page
      .getByRole("heading", { name: "This integration is not here" })
      .or(page.getByText("This integration is not here"))
      .first()
      .waitFor();
    expect(at.errors).toEqual([]);
  });

  /** An application as a user registers it at GitHub, typed into the form. */
  async function typeClient(page: Page): Promise<void> {
    const app = github.access.registerApp({
      owner: "acme",
      callbackUrls: [`${product.url}/api/v1/integrations/callback/github`],
    });
    github.access.install(app, "acme");
    await page.goto(`${product.url}/integrations/github/connect?auth=oauth2`);
    await page.getByRole("button", { name: /^Settings/ }).click();
    await page.getByLabel(/^GitHub address/).fill(github.urls.web);
    await page.getByText(app.callbackUrls[0] ?? "").waitFor();
    await page.getByLabel("Client ID").fill(app.clientId);
    await page.getByLabel("Client secret").fill(app.clientSecret);
  }
  async function popupOf(page: Page, button: string): Promise<Page> {
    const [popup] = await Promise.all([page.waitForEvent("popup"), page.getByRole("button", { name: button }).click()]);
    return popup;
  }
  async function disconnectAll(): Promise<void> {
    for (const { id, name } of await connected())
      await fetch(`${product.url}/api/v1/integrations/${id}?confirm=${encodeURIComponent(name)}`, { method: "DELETE" });
    await expect.poll(connected).toEqual([]);
  }

  test("access that is denied in the pop-up is told where it was asked for, and can be tried again or cancelled", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await typeClient(page);
    const denied = await popupOf(page, "Connect GitHub");
    await page.getByText("A window shows GitHub.").waitFor();
    await denied.getByRole("link", { name: "Cancel" }).click();
    await page.getByRole("alert").filter({ hasText: "GitHub did not let OpenTrace in" }).waitFor();
    await page.getByText("GitHub was not given permission, so nothing was connected.").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await denied.close();
    const granted = await popupOf(page, "Try again");
    await granted.getByRole("link", { name: "Authorize" }).click();
    await step(page, "Test permissions").waitFor();
    await page.getByText("7 of 8 permissions are granted").waitFor();
    await disconnectAll();
    await typeClient(page);
    await (await popupOf(page, "Connect GitHub")).close();
    await page.getByRole("button", { name: "Cancel" }).click();
    await step(page, "Authenticate").waitFor();
    await expect.poll(connected).toEqual([]);
    expect(at.errors).toEqual([]);
  });

  test("where pop-ups are blocked the page says so, and a link leads the same way", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.addInitScript("window.open = () => null");
    await typeClient(page);
    await page.getByRole("button", { name: "Connect GitHub" }).click();
    await page.getByText("Your browser blocked the pop-up.").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    const [tab] = await Promise.all([
      page.context().waitForEvent("page"),
      page.getByRole("link", { name: "Open GitHub in a new tab" }).click(),
    ]);
    await tab.getByRole("link", { name: "Authorize" }).click();
    await step(page, "Test permissions").waitFor();
    await disconnectAll();
    expect(at.errors).toEqual([]);
  });

  test("one click makes a GitHub App, and installing it connects", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.goto(`${product.url}/integrations/github/connect`);
    await page.getByRole("button", { name: /^Settings/ }).click();
    await page.getByLabel(/^GitHub address/).fill(github.urls.web);
    const popup = await popupOf(page, "Connect GitHub");
    await popup.getByRole("button", { name: "Create GitHub App" }).click();
    await popup.getByRole("link", { name: "Install on acme" }).click();
    await step(page, "Test permissions").waitFor();
    await page.getByText("Connected to acme.").waitFor();
    await disconnectAll();
    expect(at.errors).toEqual([]);
    expect(github.violations).toEqual([]);
  });
});
