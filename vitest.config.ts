import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{contract,code,connectors,server,cli,web,e2e,bench,scripts}/**/*.test.{ts,tsx,mjs}"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/fixtures/**"],
    globalSetup: ["server/src/store/testing/global-setup.ts"],
    // How long something takes says nothing of whether it works: a busy machine is no failure. These end a hang, no more.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    teardownTimeout: 120_000,
    expect: { poll: { timeout: 300_000 } },
    pool: "forks",
    // One a core: by default one core stays free, which on two cores takes twice as long.
    maxWorkers: "100%",
  },
});
