// A small real repository in three languages, built commit by commit with git.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";

type Files = Record<string, string | Buffer | null>;

export interface TestRepository extends Disposable {
  path: string;
  /** Writes the files (null removes one) and commits them. */
  commit(files: Files, message: string): void;
  /** Writes them and tells git of new ones, without committing. */
  write(files: Files): void;
  git(...args: string[]): string;
}

export function createRepository(name: string): TestRepository {
  const parent = mkdtempSync(join(tmpdir(), "opentrace-repo-"));
  const path = join(parent, name);
  mkdirSync(path);
  const git = (...args: string[]): string =>
    execFileSync(
      "git",
      ["-c", "user.name=Ada Lovelace", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false", ...args],
      {
        cwd: path,
        encoding: "utf8",
        env: { PATH: process.env.PATH ?? "", HOME: parent, GIT_CONFIG_NOSYSTEM: "1" },
        stdio: ["ignore", "pipe", "pipe"],
      },
    ).trim();
  git("init", "-q", "-b", "main");
  const write = (files: Files): void => {
    for (const [file, content] of Object.entries(files)) {
      const at = join(path, file);
      if (content === null) rmSync(at);
      else {
        mkdirSync(dirname(at), { recursive: true });
        writeFileSync(at, content);
      }
    }
    git("add", "-A");
  };
  return {
    path,
    git,
    write,
    commit: (files, message) => {
      write(files);
      git("commit", "-q", "-m", message);
    },
    [Symbol.dispose]: () => removeFolder(parent),
  };
}

/** `charge` is called by `checkout`, which the HTTP handler calls; forty small functions call `log`. */
export function createShop(): TestRepository {
  const shop = createRepository("shop");
  const reports = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [
      `src/reports/report${index}.ts`,
      `import { log } from "../log";\n\nexport function report${index}(): void {\n  log("report ${index}");\n}\n`,
    ]),
  );
  shop.commit(
    {
      "package.json": JSON.stringify(
        { name: "shop", version: "1.0.0", dependencies: { fastify: "^5.0.0", zod: "4.1.0" } },
        null,
        2,
      ),
      "src/log.ts":
        "/** Writes one line to the log. */\nexport function log(line: string): void {\n  console.log(line);\n}\n",
      "src/pay/charge.ts":
        'import { log } from "../log";\n\n/** Charges a customer once; a retry is the same charge. */\nexport function charge(cents: number): string {\n  log("charge");\n  return `receipt ${cents}`;\n}\n',
      "src/cart.ts":
        'import { charge } from "./pay/charge";\n\nexport abstract class Store {\n  abstract save(): void;\n}\n\nexport class Cart extends Store {\n  save(): void {}\n}\n\nexport function checkout(cents: number): string {\n  new Cart().save();\n  return charge(cents);\n}\n',
      "src/http.ts":
        'import { checkout } from "./cart";\n\nexport function handlePurchase(): string {\n  return checkout(100);\n}\n',
      "tools/stock.py":
        'def count_stock(items):\n    """How many things are there."""\n    return sum(items)\n\n\ndef report_stock():\n    return count_stock([1, 2])\n',
      "assets/logo.png": Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3, 0, 0]),
      "vendor/lib.js": "export const vendored = 1;\n",
      ...reports,
    },
    "Sell things",
  );
  shop.git("branch", "next");
  shop.git("checkout", "-q", "next");
  shop.commit(
    { "src/refund.ts": 'import { log } from "./log";\n\nexport function refund(): void {\n  log("refund");\n}\n' },
    "Give money back",
  );
  shop.git("checkout", "-q", "main");
  return shop;
}
