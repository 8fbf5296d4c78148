// Go source text → FileIr. Errors cost the declaration, statement or element they are in; the rest of the file stands.
import type { FileIr } from "../../ir.ts";
import { architectures, isInUsualBuild, systems } from "./build-constraints.ts";
import {
  type FileNotes,
  readConstants,
  readFunction,
  readImports,
  readLocalDeclaration,
  readTypes,
  readVariables,
} from "./declarations.ts";
import { ownBuiltins } from "./calls.ts";
import { readExpression, readExpressionFrom } from "./expressions.ts";
import { failure, GoParser, type Grammar } from "./parser.ts";
import { readBody } from "./statements.ts";
import * as t from "./tokens.ts";

/** The build constraint that a file's name carries: `foo_linux_arm64.go`. */
function fileNameConstraint(path: string): string | undefined {
  const base = path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/\.go$/, "")
    .replace(/_test$/, "");
  const parts = base.split("_").slice(1);
  const last = parts.at(-1);
  if (last === undefined) return undefined;
  const before = parts.at(-2);
  if (architectures.has(last)) return before !== undefined && systems.has(before) ? `${before} && ${last}` : last;
  return systems.has(last) ? last : undefined;
}

const grammar: Grammar = { readExpression, readExpressionFrom, readBody, readLocalDeclaration };

export function lower(source: string, path: string): FileIr {
  const p = new GoParser(source, grammar);
  p.ownBuiltins = ownBuiltins(source);
  const notes: FileNotes = { guessed: [], asserts: [] };
  const head = { package: undefined as string | undefined, doc: undefined as string | undefined };
  const point = p.recoveryPoint();
  p.next();
  try {
    if (p.tok === t.PACKAGE) {
      head.doc = p.doc();
      p.next();
      head.package = p.identifier();
      if (p.tok !== t.EOF) p.expect(t.SEMI, "end of line");
    } else p.problem(p.line, `expected \`package\`, found ${t.describe(p.tok, p.text())}`);
  } catch (error) {
    if (error !== failure) throw error;
  }
  while (p.tok !== t.EOF) {
    if (p.tok === t.SEMI) {
      p.next();
      continue;
    }
    try {
      readDeclaration(p, notes);
    } catch (error) {
      if (error !== failure) throw error;
      p.rewind(point);
      skipToDeclaration(p);
    }
  }
  return finish(p, path, head, notes);
}

function readDeclaration(p: GoParser, notes: FileNotes): void {
  switch (p.tok) {
    case t.IMPORT:
      readImports(p, notes);
      break;
    case t.CONST:
      readConstants(p);
      break;
    case t.VAR:
      readVariables(p, notes);
      break;
    case t.TYPE:
      readTypes(p);
      break;
    case t.FUNC:
      readFunction(p);
      break;
    default:
      throw p.fail("a declaration");
  }
  if (p.tok !== t.EOF) p.expect(t.SEMI, "end of line");
}

/** After an error outside of any body: on to the next line that begins with a declaration, or one behind a balanced `;`. */
function skipToDeclaration(p: GoParser): void {
  let nest = 0;
  let afterSemicolon = false;
  while (p.tok !== t.EOF) {
    const tok = p.tok;
    const declares = tok === t.FUNC || tok === t.TYPE || tok === t.VAR || tok === t.CONST || tok === t.IMPORT;
    if (declares && (p.column === 0 || (nest === 0 && afterSemicolon))) return;
    if (tok === t.LBRACE || tok === t.LPAREN || tok === t.LBRACK) nest++;
    else if ((tok === t.RBRACE || tok === t.RPAREN || tok === t.RBRACK) && nest > 0) nest--;
    afterSemicolon = tok === t.SEMI;
    p.next();
  }
}

/** `T(x)` of a type of this file is written like a call, but converts. */
function markConversions(p: GoParser): void {
  const { builder } = p;
  const types = new Set<string>();
  for (const symbol of builder.symbols)
    if (symbol.parent === -1 && (symbol.kind === "Class" || symbol.kind === "Interface")) types.add(symbol.name);
  for (const call of builder.calls) {
    const callee = call.f[0] === "g" ? call.f[1] : call.f;
    if (callee[0] === "k" || (types.size > 0 && callee[0] === "n" && types.has(callee[1]) && builder.isFree(callee)))
      call.implicit = true;
  }
}

function finish(
  p: GoParser,
  path: string,
  head: { package: string | undefined; doc: string | undefined },
  notes: FileNotes,
): FileIr {
  const { builder } = p;
  const extra: Record<string, unknown> = {};
  const partial = [...builder.typeScopes].filter(([, index]) => builder.scope(index).symbol < 0);
  if (partial.length > 0) extra.partialTypes = Object.fromEntries(partial);
  const constraints = [
    fileNameConstraint(path),
    ...p.directives.filter(([, text]) => text.startsWith("build ")).map(([, text]) => text.slice(6).trim()),
  ].filter((constraint) => constraint !== undefined);
  if (constraints.length > 0) extra.build = constraints;
  if (!constraints.every(isInUsualBuild)) extra.variant = true;
  const embeds = p.directives.filter(([, text]) => text.startsWith("embed "));
  if (embeds.length > 0) extra.embed = embeds.map(([line, text]) => [line, text.slice(6).trim()]);
  if (notes.guessed.length > 0) extra.guessedAliases = notes.guessed;
  if (notes.asserts.length > 0) extra.asserts = notes.asserts;
  markConversions(p);
  builder.sortSymbols();
  const { source } = p;
  const lines = source === "" ? 0 : source.endsWith("\n") ? p.lines - 1 : p.lines;
  return builder.file({ package: head.package, doc: head.doc, lines, problems: p.problems, extra } as Pick<
    FileIr,
    "package" | "doc" | "lines" | "problems" | "extra"
  >);
}
