// Webhooks in the browser, on a server that the vendor can reach: their address, and deliveries that had to be fetched since they were lost.
import { type FakeGitHub, startFakeGitHub } from "@opentrace/connectors/github/testing/fake-github.ts";
import { addSampleOrg } from "@opentrace/connectors/github/testing/sample-org.ts";
import { startFakeGitLab } from "@opentrace/connectors/gitlab/testing/fake-gitlab.ts";
import { addSampleGroup } from "@opentrace/connectors/gitlab/testing/sample-group.ts";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { axeViolations, visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";

describe.skipIf(!hasBrowser())("webhooks", () => {
  let browser: Browser;
  let product: Product;
  let github: FakeGitHub;
  let sample: ReturnType<typeof addSampleOrg>;
  let key: string;
  beforeAll(async () => {
    github = await startFakeGitHub();
    sample = addSampleOrg(github);
    [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
    const made = await fetch(`${product.url}/api/v1/auth/api-keys`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "browser", scopes: ["admin"] }),
    });
    key = ((await made.json()) as { key: string }).key;
    await product.restart({ OPENTRACE_PUBLIC_URL: product.url, OPENTRACE_PRIVATE_HOSTS: "127.0.0.1" });
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    await github?.close();
  });

  test("an app brings its webhook's address, and a delivery that was lost is fetched by one click", async () => {
    await using at = await visit(browser, `${product.url}/integrations`);
    const { page } = at;
    await page.getByRole("button", { name: "Use an API key" }).click();
    await page.getByLabel("API key").fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "GitHub", exact: true }).click();
    await page.getByRole("link", { name: "Connect GitHub" }).click();
    await page.getByRole("button", { name: /^Settings/ }).click();
    await page.getByLabel(/^GitHub address/).fill(github.urls.web);
    const [popup] = await Promise.all([
      page.waitForEvent("popup"),
      page.getByRole("button", { name: "Connect GitHub" }).click(),
    ]);
    await popup.getByRole("button", { name: "Create GitHub App" }).click();
    await popup.getByRole("link", { name: "Install on acme" }).click();
    await page.getByText("Connected to acme.").waitFor();
    await page.getByRole("link", { name: "Integrations" }).first().click();
    await page.getByRole("heading", { name: "Connected" }).waitFor();
    await page.getByRole("region", { name: "Connected" }).getByRole("link", { name: /acme/ }).first().click();
    const card = page.getByRole("region", { name: "Webhook" });
    await card.getByText(`${product.url}/api/v1/webhooks/github/`).waitFor();
    await card.getByText("An app made from here has it already.").waitFor();
    expect(await axeViolations(page)).toEqual([]);

    const [app] = github.access.apps.values();
    const [installation] = github.access.installations.values();
    if (!app || !installation) throw new Error("No app was installed.");
    const { payloads, emit, settings } = github.webhooks;
    settings.lose = true;
    const [issue] = sample.shop.issues.values();
    if (!issue) throw new Error("The sample has no issue.");
    const lost = await emit(app, installation, "issues", payloads.issue(sample.shop, issue, "edited"), sample.shop);
    settings.lose = false;
    expect(lost.statusCode).toBe(502);
    await page
      .getByRole("navigation", { name: "Parts of this integration" })
      .getByRole("link", { name: "Webhooks" })
      .click();
    await page.getByRole("button", { name: "Fetch missed ones" }).click();
    await page.getByText("is asked for what it could not hand over").waitFor();
    const row = page.getByRole("list", { name: "Deliveries" }).getByRole("listitem").filter({ hasText: lost.guid });
    await row.getByText("fetched later").waitFor();
    // That one came proves that the address is known there.
    await page.getByRole("link", { name: "Overview", exact: true }).last().click();
    await card.getByText("Registered at the vendor").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(at.errors).toEqual([]);
    expect(github.violations).toEqual([]);
  });

  test("GitLab's webhooks are shown project by project: refused with what to do, made once the token may", async () => {
    const gitlab = await startFakeGitLab();
    addSampleGroup(gitlab);
    const send = async <T>(method: string, path: string, body?: object): Promise<T> => {
      const answer = await fetch(`${product.url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(await answer.text());
      return (await answer.json()) as T;
    };
    try {
      const { integration } = await send<{ integration: { id: string; name: string } }>("POST", "/integrations", {
        connector: "gitlab",
        auth: "token",
        credential: { token: gitlab.access.mintToken("ada", ["read_api", "read_repository"]).value },
        config: { baseUrl: gitlab.urls.web },
      });
      await send("POST", `/integrations/${integration.id}/scopes`, { selectAll: { kind: "project" } });

      await using at = await visit(browser, `${product.url}/integrations`);
      const { page } = at;
      await page.getByRole("button", { name: "Use an API key" }).click();
      await page.getByLabel("API key").fill(key);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page
        .getByRole("region", { name: "Connected" })
        .getByRole("link", { name: integration.name })
        .first()
        .click();
      const card = page.getByRole("region", { name: "Webhook" });
      await card.getByText("2 refused: what changes there comes with the next sync.").waitFor();
      await card.getByText(/scope “api”/).waitFor();
      await card.getByText(/by hand/).waitFor();
      expect(await axeViolations(page)).toEqual([]);
      const parts = page.getByRole("navigation", { name: "Parts of this integration" });
      await parts.getByRole("link", { name: "Projects" }).click();
      const shop = page.getByRole("listitem").filter({ hasText: "acme/platform/shop" });
      await shop.getByText("no webhook", { exact: true }).waitFor();

      await page.getByRole("button", { name: "Rotate credential" }).click();
      const dialog = page.getByRole("dialog");
      await dialog
        .getByRole("textbox", { name: /token/i })
        .first()
        .fill(gitlab.access.mintToken("ada", ["api", "read_repository"]).value);
      await dialog.getByRole("button", { name: /^Rotate/ }).click();
      await dialog.waitFor({ state: "hidden" });
      await shop.getByText("webhook made", { exact: true }).waitFor();
      await parts.getByRole("link", { name: "Overview" }).click();
      await card.getByText("2 webhooks made by this server.").waitFor();
      await expect.poll(() => card.getByText(/scope “api”/).count()).toBe(0);
      expect(await axeViolations(page)).toEqual([]);
      expect(at.errors).toEqual([]);
      expect(gitlab.violations).toEqual([]);
      await send("DELETE", `/integrations/${integration.id}?confirm=${encodeURIComponent(integration.name)}`);
      await expect.poll(() => [...gitlab.state.projects.values()].map(({ hooks }) => hooks.size)).toEqual([0, 0]);
    } finally {
      await gitlab.close();
    }
  });
});
