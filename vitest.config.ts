import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{contract,code,connectors,server,cli,web,e2e,bench,scripts}/**/*.test.{ts,tsx,mjs}"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/fixtures/**"],
    globalSetup: ["server/src/store/testing/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // How long a page takes to show something says nothing of whether it does: a busy machine is no failure.
    expect: { poll: { timeout: 20_000 } },
    pool: "forks",
    // One a core: by default one core stays free, which on two cores takes twice as long.
    maxWorkers: "100%",
  },
});
