import { describe, expect, it } from "vitest";
import { ownerEdges } from "../code-owners.ts";
import { createOwnersOf, readCodeOwners } from "./codeowners-file.ts";

const ownersOf = (...lines: string[]) => {
  const of = createOwnersOf(readCodeOwners(lines.join("\n")), (owner) => owner);
  return (path: string): string =>
    of(path)
      .flatMap(({ owners }) => owners)
      .toSorted()
      .join(" ");
};

describe("GitLab's CODEOWNERS", () => {
  it("lets the last rule that matches decide", () => {
    const of = ownersOf(
      "# all",
      "* @acme/all",
      "*.rb @ruby",
      "/docs/ @docs  # not code",
      "README.md @ada bob@acme.dev",
    );
    expect(of("lib/a.js")).toBe("@acme/all");
    expect(of("lib/deep/a.rb")).toBe("@ruby");
    expect(of("docs/deep/a.rb")).toBe("@docs");
    expect(of("lib/docs/a.txt")).toBe("@acme/all");
    expect(of("lib/README.md")).toBe("@ada bob@acme.dev");
  });

  it("reads paths as GitLab does: a folder needs its slash, a star stays in its folder, names count by case", () => {
    const of = ownersOf(
      "/src @file",
      "/lib/* @flat",
      "/app/**/*.ts @deep",
      "Makefile @make",
      "/a\\ b.txt @space",
      "/[ab].md @range",
    );
    expect(of("src")).toBe("@file");
    expect(of("src/a.js")).toBe("");
    expect(of("lib/a.js")).toBe("@flat");
    expect(of("lib/deep/a.js")).toBe("");
    expect(of("app/a.ts")).toBe("@deep");
    expect(of("app/x/y/a.ts")).toBe("@deep");
    expect(of("sub/Makefile")).toBe("@make");
    expect(of("sub/makefile")).toBe("");
    expect(of("a b.txt")).toBe("@space");
    expect(of("b.md")).toBe("@range");
    expect(of("c.md")).toBe("");
    expect(of(".hidden/Makefile")).toBe("@make");
  });

  it("joins what the sections say, with their default owners, and takes excluded paths out of their section alone", () => {
    const of = ownersOf(
      "* @all",
      "[Database] @dba",
      "/db/",
      "model/ @models",
      "!/db/seeds/",
      "^[Optional][2]",
      "/db/ @optional",
      "[DATABASE]",
      "/db/special.sql @special",
    );
    expect(of("db/schema.sql")).toBe("@all @dba @optional");
    expect(of("db/seeds/a.sql")).toBe("@all @optional");
    expect(of("app/model/a.ts")).toBe("@all @models");
    expect(of("db/special.sql")).toBe("@all @optional @special");
  });

  it("knows nobody by a role, and does not hang on a hostile pattern", () => {
    const of = ownersOf("* @@maintainers @ada", `/${"*a".repeat(40)} @slow`, "/[z-a] @backwards");
    expect(of("a".repeat(4_000))).toBe("@ada");
  });

  it("is told of folders where all in them have the same owners", () => {
    const of = createOwnersOf(readCodeOwners("* @all\n/src/ @src\n[Docs]\n/src/docs/ @docs"), (owner) => owner);
    const paths = ["a.txt", "src/a.ts", "src/b.ts", "src/docs/x.md", "src/docs/y.md"];
    const edges = ownerEdges({ repo: "h/r", file: "CODEOWNERS", paths }, of);
    expect(edges.map(({ from, to, evidence }) => [from, to, evidence?.[0]])).toEqual([
      ["@docs", "dir:h/r#src/docs", "CODEOWNERS:4"],
      ["@src", "dir:h/r#src/docs", "CODEOWNERS:2"],
      ["@src", "file:h/r#src/a.ts", "CODEOWNERS:2"],
      ["@src", "file:h/r#src/b.ts", "CODEOWNERS:2"],
      ["@all", "file:h/r#a.txt", "CODEOWNERS:1"],
    ]);
  });
});
