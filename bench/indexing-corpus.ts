// Real repositories to index, fetched from package registries by their own clients and committed to Git in a cache folder.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export interface Corpus {
  name: string;
  /** What it is, and what it stands for where that is not the same. */
  about: string;
  folder: string;
}

interface Recipe {
  name: string;
  about: string;
  /** Puts the sources below `folder`; `scratch` is removed afterwards. */
  fetch(folder: string, scratch: string): void;
}

const GO_MODULES = ["github.com/prometheus/prometheus@v0.300.0", "github.com/thanos-io/thanos@v0.37.2"];

/** The four repositories that peers were measured on, or the nearest that registries give (the Git hosts are not asked). */
const RECIPES: readonly Recipe[] = [
  {
    name: "fastify",
    about: "fastify 5.12.8, the npm tarball: lib, tests, types, docs",
    fetch: (folder, scratch) => npmTarball("fastify@5.12.8", folder, scratch),
  },
  {
    name: "typescript",
    about:
      "in typeorm's place (its tarball holds no sources): the TypeScript sources of viem 2.57.20 and effect 3.22.4 from npm",
    fetch: (folder, scratch) => {
      for (const name of ["viem@2.57.20", "effect@3.22.4"]) {
        const unpacked = path.join(scratch, name.split("@")[0] ?? name);
        npmTarball(name, unpacked, scratch);
        const target = path.join(folder, "packages", name.split("@")[0] ?? name);
        mkdirSync(target, { recursive: true });
        // The tarballs keep `src/` for viem at the top: everything that is compiled is left out.
        for (const entry of readdirSync(unpacked)) {
          if (entry.startsWith("_") || ["dist", "cjs", "esm"].includes(entry)) continue;
          run("cp", ["-r", path.join(unpacked, entry), target]);
        }
        run("find", [target, "(", "-name", "*.js", "-o", "-name", "*.d.ts", "-o", "-name", "*.map", ")", "-delete"]);
      }
    },
  },
  {
    name: "prometheus",
    about: `Go modules from the module proxy, test files included (prometheus as published holds half of what its Git repository holds): ${GO_MODULES.join(", ")}`,
    fetch: (folder, scratch) => {
      for (const module of GO_MODULES) {
        const environment = { ...process.env, GOFLAGS: "-mod=mod", GOPATH: path.join(scratch, "go"), GOSUMDB: "off" };
        const answer = run("go", ["mod", "download", "-json", module], { cwd: scratch, env: environment });
        const { Dir } = JSON.parse(answer) as { Dir: string };
        const target = path.join(folder, path.basename(module.split("@")[0] ?? module));
        mkdirSync(folder, { recursive: true });
        run("cp", ["-r", Dir, target]);
        run("chmod", ["-R", "u+w", target, path.join(scratch, "go")]);
      }
    },
  },
  {
    name: "django",
    about: "django 3.2.25, the sdist from PyPI: package, tests, docs",
    fetch: (folder, scratch) => {
      run("pip", ["download", "-q", "--no-deps", "--no-binary", ":all:", "-d", scratch, "django==3.2.25"]);
      const file = readdirSync(scratch).find((name) => /^django.*\.tar\.gz$/i.test(name));
      if (file === undefined) throw new Error("pip gave no sdist of django");
      mkdirSync(folder, { recursive: true });
      run("tar", ["xzf", path.join(scratch, file), "-C", folder, "--strip-components=1"]);
    },
  },
];

export const corpusNames = RECIPES.map(({ name }) => name);

/** Outside the repository, kept between runs: what was fetched once is not fetched again. */
export const cacheFolder = path.join(os.tmpdir(), "opentrace-bench");

/** A Git repository with one commit. Throws when a registry can't be reached and nothing is cached. */
export function prepareCorpus(name: string): Corpus {
  const recipe = RECIPES.find((candidate) => candidate.name === name);
  if (recipe === undefined) throw new Error(`No corpus is called ${name}. There are: ${corpusNames.join(", ")}.`);
  const folder = path.join(cacheFolder, name);
  if (!existsSync(path.join(folder, ".git"))) {
    mkdirSync(cacheFolder, { recursive: true });
    const scratch = mkdtempSync(path.join(cacheFolder, ".fetch-"));
    try {
      const made = path.join(scratch, "made");
      recipe.fetch(made, scratch);
      commitAll(made);
      rmSync(folder, { recursive: true, force: true });
      renameSync(made, folder);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  return { name, about: recipe.about, folder };
}

/** One repository of about `megabytes` of source: the corpora, copied side by side as often as it takes. */
export function growCorpus(megabytes: number, corpora: readonly Corpus[]): Corpus & { bytes: number } {
  const name = `grown-${megabytes}`;
  const folder = path.join(cacheFolder, name);
  if (!existsSync(path.join(folder, ".git"))) {
    const scratch = mkdtempSync(path.join(cacheFolder, ".grow-"));
    const made = path.join(scratch, "made");
    let bytes = 0;
    try {
      grow: for (let round = 1; ; round++) {
        for (const corpus of corpora) {
          for (const entry of readdirSync(corpus.folder).sort()) {
            if (entry === ".git") continue;
            if (bytes >= megabytes * 1_000_000) break grow;
            const target = path.join(made, `copy${round}`, corpus.name);
            mkdirSync(target, { recursive: true });
            run("cp", ["-r", path.join(corpus.folder, entry), target]);
            bytes += sourceBytes(path.join(target, entry));
          }
        }
      }
      commitAll(made);
      rmSync(folder, { recursive: true, force: true });
      renameSync(made, folder);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  return {
    name,
    about: `${megabytes} MB of source, copied together from ${corpora.map((one) => one.name).join(", ")}`,
    folder,
    bytes: sourceBytes(folder),
  };
}

const SOURCE = ["*.py", "*.go", "*.ts", "*.tsx", "*.js", "*.mjs", "*.cjs", "*.jsx", "*.mts", "*.cts"];

/** Bytes of files that have a language. */
export function sourceBytes(folder: string): number {
  const names = SOURCE.flatMap((pattern) => ["-o", "-name", pattern]).slice(1);
  const sizes = run("find", [
    folder,
    "-name",
    ".git",
    "-prune",
    "-o",
    "-type",
    "f",
    "(",
    ...names,
    ")",
    "-printf",
    "%s\n",
  ]);
  return sizes.split("\n").reduce((sum, line) => sum + Number(line), 0);
}

function npmTarball(spec: string, folder: string, scratch: string): void {
  const name = run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", scratch, spec], {
    cwd: scratch,
  }).trim();
  mkdirSync(folder, { recursive: true });
  run("tar", ["xzf", path.join(scratch, name.split("\n").at(-1) ?? name), "-C", folder, "--strip-components=1"]);
}

function commitAll(folder: string): void {
  const git = (...args: string[]): string =>
    run("git", [
      "-C",
      folder,
      "-c",
      "user.name=Bench",
      "-c",
      "user.email=bench@example.com",
      "-c",
      "gc.auto=0",
      ...args,
    ]);
  git("init", "-q", "-b", "main");
  git("add", "-A", "-f");
  git("commit", "-q", "--no-verify", "-m", "As published");
  git("gc", "-q");
}

function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  return execFileSync(command, [...args], {
    ...options,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
}
