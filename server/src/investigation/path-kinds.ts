// What a file is, by its path: configuration, or something that a running system never sees.

const configuration =
  /(?:^|\/)(?:[^/]*\.(?:ya?ml|toml|ini|env|properties|tf|tfvars|hcl|conf|cfg|config)|\.env(?:\.[^/]*)?|dockerfile[^/]*|(?:package|package-lock|tsconfig|composer|app(?:settings)?|config|settings)(?:\.[^/]*)?\.json|go\.(?:mod|sum)|requirements[^/]*\.txt|poetry\.lock|yarn\.lock|pom\.xml|build\.gradle(?:\.kts)?|gemfile(?:\.lock)?|cargo\.lock|procfile|nginx[^/]*)$/i;
const neverRun =
  /(?:^|\/)(?:docs?|tests?|__tests__|spec|specs|examples?|fixtures)\/|\.(?:md|mdx|rst|adoc|txt|png|svg|jpe?g)$|[._-](?:test|tests|spec)\.[a-z]+$|(?:^|\/)test_[^/]*$|_test\.go$|(?:^|\/)(?:license|changelog|codeowners|\.gitignore|\.editorconfig)$/i;

export const isConfiguration = (path: string): boolean => configuration.test(path) && !neverRun.test(path);

/** Documentation, tests, pictures: a change of nothing else does not reach production. */
export const neverRuns = (path: string): boolean =>
  neverRun.test(path) && !/(?:^|\/)requirements[^/]*\.txt$/i.test(path);
