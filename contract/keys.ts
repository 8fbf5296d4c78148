// Keys: the stable, readable names of nodes. `repo` below is a repository's key without its `repo:` prefix, e.g. `github.com/acme/shop`
// (from a URL) or `local/srv/git/shop` (from an absolute path).
export const repositoryKey = (repo: string): string => `repo:${repo}`;
export const directoryKey = (repo: string, path: string): string => `dir:${repo}#${path}`;
export const fileKey = (repo: string, path: string): string => `file:${repo}#${path}`;
/** `symbolPath` is the dotted path in the file: `PayService.charge`. */
export const symbolKey = (repo: string, path: string, symbolPath: string): string =>
  `symbol:${repo}#${path}#${symbolPath}`;
/** A named importable unit: a Python module (`django.db.models`), a Go package (its import path). */
export const moduleKey = (repo: string, name: string): string => `module:${repo}#${name}`;
export const branchKey = (repo: string, name: string): string => `branch:${repo}#${name}`;
export const commitKey = (repo: string, sha: string): string => `commit:${repo}#${sha}`;
export const packageKey = (ecosystem: string, name: string): string => `package:${ecosystem}/${name}`;
/** By e-mail address, lower case; the same person in every repository. */
export const personKey = (email: string): string => `person:${email.toLowerCase()}`;
/** A person as a code host names them: `person:github.com/ada`. */
export const userKey = (host: string, login: string): string => `person:${host}/${login.toLowerCase()}`;
/** `path` is a GitLab group's, with the groups above it. */
export const groupKey = (host: string, path: string): string => `team:${host}/${path}`;
export const teamKey = (host: string, organization: string, slug: string): string =>
  groupKey(host, `${organization}/${slug}`);
export const issueKey = (repo: string, number: number | string): string => `issue:${repo}#${number}`;
/** Pull and merge requests. */
export const pullRequestKey = (repo: string, number: number | string): string => `pr:${repo}#${number}`;
/** `path` is that of the file which defines it. */
export const pipelineKey = (repo: string, path: string): string => `pipeline:${repo}#${path}`;
export const deploymentKey = (repo: string, id: number | string): string => `deployment:${repo}#${id}`;
export const releaseKey = (repo: string, tag: string): string => `release:${repo}#${tag}`;
export const incidentKey = (id: string): string => `incident:${id}`;
