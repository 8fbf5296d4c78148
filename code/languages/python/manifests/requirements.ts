// requirements.txt: what pip reads, line by line.
import type { Manifest, StatedDependency } from "../../language.ts";
import { normaliseName } from "../imports/distribution-names.ts";
import { dependency, parseRequirement, type Requirement } from "./requirement.ts";

const development =
  /(?:^|[-_./])(?:dev|develop|development|tests?|testing|lint|docs?|ci|typing|style|format|qa|bench)/i;

export function readRequirements(path: string, text: string): Manifest {
  const kind: StatedDependency["kind"] = development.test(path) ? "dev" : "runtime";
  const dependencies: StatedDependency[] = [];
  const problems: string[] = [];
  for (const { text: line, line: number } of logicalLines(text)) {
    const option = /^(-e|--editable)(?:\s+|=)(.*)$/s.exec(line);
    // Other files it names are read in their own right.
    if (option === null && line.startsWith("-")) continue;
    const wanted = (option?.[2] ?? line).replace(/\s--?[a-z][\w-]*(?:[= ]\S+)?/gi, "").trim();
    if (wanted === "" || isLocalPath(wanted)) continue;
    const requirement = /^[\w+.-]+:\/\//.test(wanted) ? fromUrl(wanted) : parseRequirement(wanted);
    if (requirement === null) problems.push(`line ${number} of ${path} names no package: ${wanted.slice(0, 80)}`);
    else dependencies.push(dependency(requirement, kind, number));
  }
  return { package: null, dependencies, problems };
}

function isLocalPath(text: string): boolean {
  return /^\.{0,2}(?:[/\\]|$)/.test(text) || /^\.\.?(?:\[|$)/.test(text) || text.startsWith("file:");
}

/** `git+https://…#egg=name`, or an archive or repository named like the package. */
function fromUrl(url: string): Requirement | null {
  const [address = "", fragment = ""] = url.split("#", 2);
  const egg = /(?:^|&)egg=([A-Za-z0-9._-]+)/.exec(fragment)?.[1];
  const last = (address.split(/[?;]/, 1)[0] ?? "").replace(/\/+$/, "").split("/").at(-1) ?? "";
  const archive = /^([A-Za-z0-9._]+(?:-[A-Za-z0-9._]+)*?)-\d[^-]*(?:-.*)?\.(?:whl|zip|tar\.\w+|tgz)$/.exec(last)?.[1];
  const repository = /^([A-Za-z0-9._-]+?)(?:\.git)?(?:@.*)?$/.exec(last)?.[1];
  const name = egg ?? archive ?? (url.includes("+") ? repository : undefined);
  return name === undefined ? null : { name: normaliseName(name), constraint: `@ ${url}` };
}

/** Lines with continuations joined and comments taken off. */
function logicalLines(text: string): { text: string; line: number }[] {
  const found: { text: string; line: number }[] = [];
  let open = "";
  let start = 1;
  for (const [index, raw] of text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\r|\n/)
    .entries()) {
    if (open === "") start = index + 1;
    const isComment = /^\s*#/.test(raw);
    if (!isComment && raw.endsWith("\\")) {
      open += `${raw.slice(0, -1)} `;
      continue;
    }
    const whole = (open + (isComment ? "" : raw)).replace(/(?:^|\s)#.*$/s, "").trim();
    open = "";
    if (whole !== "") found.push({ text: whole, line: start });
  }
  if (open.trim() !== "") found.push({ text: open.trim(), line: start });
  return found;
}
