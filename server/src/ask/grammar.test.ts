// What the grammar makes of questions. Long because it is a table of them: each phrasing that is understood stands here once.
import { describe, expect, it } from "vitest";
import { growth } from "@opentrace/contract/testing/count-work.ts";
import { readQuestion, type Question } from "./grammar.ts";

const now = new Date("2026-11-21T15:30:00Z");

/** The question's intent and the names in it, as one line: `path a→b`, `list Class in shop`. */
function told(question: Question | null): string {
  if (question === null) return "not understood";
  const of = (mention: { name: string; within?: string | null }): string =>
    mention.name + (mention.within ? ` @${mention.within}` : "");
  switch (question.intent) {
    case "help":
      return "help";
    case "overview":
    case "freshness":
      return question.of === null ? question.intent : `${question.intent} ${of(question.of)}`;
    case "list":
    case "count":
      return `${question.intent} ${question.types?.[0] ?? "any"}${question.within === null ? "" : ` in ${of(question.within)}`}`;
    case "find":
      return `find ${question.what.types?.[0] === undefined ? "" : `${question.what.types[0]} `}${of(question.what)}`;
    case "grep":
      return `grep ${question.text}`;
    case "dependencies":
      return `dependencies ${of(question.of)}${question.relation === "any" ? "" : ` (${question.relation})`}`;
    case "dependents":
      return `dependents ${of(question.of)}${question.relation === "any" ? "" : ` (${question.relation})`}`;
    case "impact":
      return `impact ${question.of.map(of).join(" + ")}`;
    case "critical":
      return `critical${question.by === "score" ? "" : ` by ${question.by}`}${question.types === null ? "" : ` ${question.types[0]}`}${question.limit === 10 ? "" : ` top ${question.limit}`}${question.within === null ? "" : ` in ${of(question.within)}`}`;
    case "path":
      return `path ${of(question.from)} -> ${of(question.to)}${question.directed ? " directed" : ""}`;
    case "similar":
      return `similar ${of(question.to)}`;
    case "common":
      return `common ${question.direction} ${question.of.map(of).join(" + ")}`;
    case "changes":
      return `changes${question.of === null ? "" : ` ${of(question.of)}`}${question.who ? " who" : ""}${question.since === null ? "" : ` since ${day(question.since.at)}`}`;
    case "incidents":
      return `${[...(question.status ?? []), ...(question.severity ?? []), ...(question.unowned ? ["unowned"] : [])].join("/") || "all"} incidents${question.of === null ? "" : ` of ${of(question.of)}`}${question.since === null ? "" : ` since ${day(question.since.at)}`}`;
    case "incident":
      return `incident ${question.reference}${question.cause ? " cause" : ""}`;
    case "happened":
      return `happened ${of(question.of)}${question.since === null ? "" : ` since ${day(question.since.at)}`}`;
    case "caused":
      return `caused by ${of(question.by)}`;
    case "item":
      return `${question.kind ?? "item"} ${question.number}${question.within === null ? "" : ` in ${of(question.within)}`}`;
    case "pull requests":
    case "issues":
      return `${question.state ?? "all"} ${question.intent}${question.of === null ? "" : ` of ${of(question.of)}`}`;
    case "pipelines":
      return `pipelines${question.deploys ? " that deploy" : ""}${question.of === null ? "" : ` ${of(question.of)}`}`;
    case "deployments":
      return `${question.current ? "current " : ""}deployments${question.of === null ? "" : ` of ${of(question.of)}`}${question.environment === null ? "" : ` to ${question.environment}`}${question.since === null ? "" : ` since ${day(question.since.at)}`}`;
    case "owners":
    case "contents":
    case "criticality":
    case "describe":
    case "source":
    case "tests":
      return `${question.intent} ${of(question.of)}`;
  }
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

const phrasings: Record<string, string[]> = {
  // Incidents
  "all incidents of checkout": [
    "What incidents affect checkout?",
    "which incidents affected the checkout?",
    "incidents affecting checkout",
    "is checkout affected by any incident?",
    "does checkout have incidents?",
    "show me all incidents of checkout",
    "were there any outages in checkout?",
    "incidents in checkout",
    "how many incidents does checkout have?",
  ],
  "open/investigating incidents of checkout": [
    "Which open incidents affect checkout?",
    "are there any open incidents for checkout?",
    "does checkout have any ongoing incidents?",
    "what is broken in checkout?",
  ],
  "open/investigating/critical incidents": [
    "Open critical incidents?",
    "what are the open critical incidents?",
    "list all open, critical incidents",
    "which critical incidents are open?",
    "are there any open critical incidents?",
  ],
  "open/investigating incidents": ["open incidents", "which incidents are still open?", "what is broken right now?"],
  "open/investigating/high/critical incidents": ["are there any severe ongoing incidents?"],
  "resolved incidents since 2026-11-14": ["which incidents were resolved last week?", "resolved incidents last week"],
  "all incidents since 2026-11-20": ["what incidents happened since yesterday?", "incidents since yesterday"],
  "unowned incidents": ["unassigned incidents", "list unowned incidents"],
  "happened checkout since 2026-11-14": [
    "What happened in checkout last week?",
    "what happened to checkout in the last week?",
    "what went wrong in checkout last week?",
  ],
  "happened checkout": ["what happened in checkout?", "what has happened with checkout?"],
  "caused by 12": [
    "Which incidents were caused by PR 12?",
    "incidents caused by PR 12",
    "did PR 12 cause any incidents?",
    "which incidents did PR 12 cause?",
    "list the incidents that were triggered by PR 12",
  ],
  "incident INC-7": [
    "INC-7",
    "Tell me about INC-7",
    "what is the status of INC-7?",
    "is INC-7 resolved yet?",
    "what happened in INC-7?",
    "who owns INC-7?",
    "show me incident INC-7",
  ],
  "incident INC-7 cause": [
    "What caused INC-7?",
    "why did INC-7 happen?",
    "what is the root cause of INC-7?",
    "likely causes of INC-7",
    "hypotheses for INC-7",
  ],
  // Delivery
  "open pull requests of charge": [
    "Which open PRs touch charge?",
    "which open pull requests touch the function charge?",
    "what open merge requests change charge",
    "list the open PRs that touch charge",
    "are there any open PRs touching charge?",
    "open pull requests for charge",
    "is anyone working on charge right now?",
    "who is changing charge?",
  ],
  "all pull requests of src/pay.ts": ["which PRs change src/pay.ts?", "show PRs touching the file src/pay.ts"],
  "merged pull requests of shop": ["which merged PRs are in shop?", "list merged pull requests in shop"],
  "open pull requests": ["open PRs", "what is in review?", "which PRs are open?", "list open pull requests"],
  "pull request 12": [
    "Tell me about PR 12",
    "tell me about pull request #12",
    "PR #12",
    "what is MR !12 about?",
    "who reviewed PR 12?",
    "is PR 12 merged?",
    "what does PR 12 change?",
    "which files does PR 12 touch?",
    "the status of pull request 12",
  ],
  "issue 5": ["Tell me about issue #5", "issue 5", "what is bug 5?", "describe ticket 5"],
  "issue 5 in shop": ["tell me about issue #5 in shop"],
  "item 7": ["#7", "tell me about #7"],
  "all issues of charge": [
    "What issues mention charge?",
    "which issues are linked to charge?",
    "what bugs affect charge",
    "list issues about charge",
    "does charge have issues?",
  ],
  "open issues of shop": ["which open issues are there in shop?", "open issues in shop", "list open bugs in shop"],
  "pipelines that deploy checkout": [
    "Which pipeline deploys checkout?",
    "which pipeline deploys the checkout",
    "what deploys checkout?",
    "how is checkout deployed?",
    "which workflow ships checkout",
    "by which pipeline is checkout deployed?",
  ],
  "pipelines checkout": [
    "which pipeline builds checkout?",
    "pipelines of checkout",
    "what CI workflows does checkout have?",
  ],
  "deployments to production since 2026-11-16": [
    "What was deployed to production since Monday?",
    "what has been deployed to production since monday",
    "what did we deploy to production since Monday",
    "deployments to production since Monday",
  ],
  "deployments of shop to production": [
    "when was shop last deployed to production?",
    "deployments of shop to production",
  ],
  "current deployments to production": ["what is running in production?", "what is deployed to production now?"],
  "current deployments of shop to staging": ["which version of shop is deployed to staging?"],
  "owners charge": [
    "Who owns charge?",
    "which team owns charge",
    "who is responsible for charge?",
    "code owners of charge",
    "who are the owners of charge?",
  ],

  // What exists
  "list Service": [
    "What services exist?",
    "which services are there",
    "list all services",
    "show me the services",
    "Services",
    "what services do we have?",
    "Can you list the services please?",
    "are there any services?",
  ],
  "list Repository": [
    "What repositories exist?",
    "Which repos do you know?",
    "list repositories",
    "show all repos",
    "what projects are indexed?",
  ],
  "list Package": [
    "What packages exist?",
    "which libraries do we use?",
    "List all packages.",
    "what dependencies are there?",
  ],
  "list Class in shop": [
    "list all classes in shop",
    "what classes are in shop?",
    "which classes does shop define?",
    "show me every class in the shop repository",
    "classes in shop",
  ],
  "list Function in src/pay.ts": [
    "what functions are defined in src/pay.ts?",
    "list functions in src/pay.ts",
    "which functions does src/pay.ts have",
  ],
  "list Method in PayService": [
    "what methods does PayService have?",
    "list the methods of PayService",
    "PayService's methods",
    "show me all methods in the PayService class",
  ],
  "contents PayService": ["what is in PayService?", "what does PayService contain", "members of PayService"],
  "count Function": [
    "how many functions are there?",
    "how many functions",
    "count the functions",
    "number of functions in total",
    "what is the total number of functions?",
  ],
  "count Class in shop": [
    "How many classes are there in shop?",
    "how many classes does shop have",
    "count classes in shop",
  ],
  overview: [
    "overview",
    "give me an overview",
    "stats",
    "how big is the graph?",
    "what is in the graph?",
    "what exists?",
  ],
  help: ["help", "what can I ask?", "What can you do?"],
  // Find and describe
  "find PayService": [
    "Find PayService",
    "where is PayService defined?",
    "search for PayService",
    "locate PayService",
    "Where can I find PayService?",
    "which file defines PayService?",
    "Where does PayService live?",
    "is there anything called PayService?",
    "tell me where PayService is defined",
    "please find `PayService`",
  ],
  "find Function charge": [
    "find the function charge",
    "where is the charge function",
    "find function `charge()`",
    "is there a function called charge?",
  ],
  "describe PayService": [
    "Tell me about PayService",
    "what is PayService?",
    "describe PayService",
    "explain PayService to me",
    "What does PayService do?",
    "PayService",
    '"PayService"',
    "Who is PayService?",
    "what do you know about PayService?",
    "how does PayService work?",
    "what's PayService",
    "give me details about PayService",
    "Could you tell me about PayService, please?",
  ],
  "describe charge @PayService": [
    "what does the charge method of PayService do?",
    "tell me about charge in PayService",
  ],
  "source PayService": [
    "show me the source of PayService",
    "how is PayService implemented?",
    "code of PayService",
    "show PayService's code",
  ],
  "grep TODO": [
    "grep TODO",
    "search the source for TODO",
    'which files contain "TODO"?',
    "where does the text TODO occur?",
  ],
  // Dependencies
  "dependencies PayService": [
    "What does PayService depend on?",
    "dependencies of PayService",
    "what does PayService use?",
    "what are the dependencies of PayService",
    "show me the dependencies of PayService",
    "What does PayService need?",
    "PayService's dependencies",
    "on what does PayService depend?",
    "I want to know what PayService depends on",
  ],
  "dependencies PayService (calls)": [
    "what does PayService call?",
    "which functions does PayService call?",
    "callees of PayService",
    "what methods does PayService invoke?",
  ],
  "dependencies shop (packages)": [
    "which packages does shop use?",
    "what libraries does shop depend on",
    "what packages does the shop repository import?",
  ],
  "dependencies pay.ts (imports)": ["what does pay.ts import?", "imports of pay.ts"],
  "dependencies PayService (inherits)": [
    "what does PayService extend?",
    "base classes of PayService",
    "which interfaces does PayService implement?",
  ],
  // Dependents
  "dependents PayService": [
    "what depends on PayService?",
    "who uses PayService?",
    "where is PayService used?",
    "usages of PayService",
    "find references to PayService",
    "what uses PayService",
    "dependents of PayService",
    "which files depend on PayService?",
    "is PayService used anywhere?",
    "does anything use PayService?",
    "who depends on PayService",
  ],
  "dependents charge (calls)": [
    "what calls charge?",
    "who calls charge()",
    "callers of charge",
    "which functions call charge?",
    "show me all callers of the charge function",
    "where is charge called from?",
    "what is calling charge",
    "list callers of charge",
    "by what is charge called?",
    "does anyone call charge?",
  ],
  "dependents react (imports)": [
    "what imports react?",
    "which files import react",
    "importers of react",
    "where is react imported?",
    "who imports the package react?",
  ],
  "dependents Base (inherits)": [
    "which classes extend Base?",
    "what inherits from Base?",
    "subclasses of Base",
    "implementations of Base",
    "who implements Base?",
    "what classes implement Base",
  ],
  "tests PayService": [
    "which tests cover PayService?",
    "is PayService tested?",
    "tests for PayService",
    "what tests PayService?",
    "does PayService have tests?",
    "are there tests for PayService?",
  ],
  // Impact
  "impact PayService": [
    "What would be affected if I change PayService?",
    "what breaks if I change PayService?",
    "blast radius of PayService",
    "impact of changing PayService",
    "what happens if I delete PayService?",
    "what is the impact of a change to PayService",
    "if I rename PayService, what breaks?",
    "is it safe to remove PayService?",
    "what would break if PayService changed?",
    "who is affected by changing PayService",
    "what happens when PayService goes down?",
    "What is affected by PayService?",
    "can I safely delete PayService?",
    "show me the blast radius of PayService",
    "how risky is changing PayService?",
    "what do I need to retest if I change PayService?",
    "which services would be affected if I changed PayService?",
    "impact of PayService",
  ],
  "impact PayService + Cart": ["what would be affected if I change PayService and Cart?"],
  // Criticality
  "criticality PayService": [
    "How critical is PayService?",
    "is PayService critical?",
    "how important is PayService",
    "importance of PayService",
    "how many things depend on PayService?",
    "is PayService a single point of failure?",
    "how widely is PayService used?",
  ],
  critical: [
    "What are the most critical nodes?",
    "what is most critical?",
    "most important components",
    "where are the bottlenecks?",
    "single points of failure",
    "hotspots",
    "show me the most critical things",
    "What are the critical parts?",
  ],
  "critical Function": [
    "what are the most critical functions?",
    "which functions are most critical?",
    "list the most important functions",
  ],
  "critical Service": ["What are the most critical services?"],
  "critical by connections": [
    "What are the most connected nodes?",
    "most connected things",
    "which nodes are the most connected?",
    "what has the most connections?",
  ],
  "critical by dependents Function": [
    "which functions are the most used?",
    "most called functions",
    "which function has the most callers?",
  ],
  "critical by dependents Package": ["most used packages", "what are the most depended-on packages?"],
  "critical top 5": ["top 5 most critical nodes", "show me the 5 most important things"],
  "critical in shop": ["what are the most critical nodes in shop?"],
  // Paths
  "path Cart -> PayService": [
    "How does Cart connect to PayService?",
    "how is Cart related to PayService?",
    "path from Cart to PayService",
    "What is the path between Cart and PayService?",
    "how are Cart and PayService connected?",
    "find the shortest path from Cart to PayService",
    "what connects Cart and PayService?",
    "is Cart connected to PayService?",
    "is there a connection between Cart and PayService?",
    "Cart -> PayService",
    "show me how Cart connects to PayService",
  ],
  "path Cart -> PayService directed": [
    "does Cart depend on PayService?",
    "does Cart call PayService?",
    "why does Cart depend on PayService?",
    "how does Cart reach PayService",
    "how do I get from Cart to PayService?",
    "is PayService used by Cart?",
  ],
  // Similar, common
  "similar PayService": [
    "What is similar to PayService?",
    "similar to PayService",
    "find things like PayService",
    "what looks like PayService?",
    "anything similar to PayService?",
    "which classes are similar to PayService?",
    "alternatives to PayService",
    "show me nodes similar to PayService",
  ],
  "common dependencies A + B + C": [
    "What do A, B and C all depend on?",
    "what are the common dependencies of A, B and C?",
    "what do A, B, and C share?",
    "what do A, B and C have in common?",
    "shared dependencies of A, B and C",
    "which packages do A, B and C all use?",
  ],
  "common dependencies Cart + Order": [
    "What do Cart and Order both use?",
    "what do both Cart and Order depend on?",
    "what is used by both Cart and Order?",
  ],
  "common dependents Cart + Order": ["what depends on both Cart and Order?", "who calls both Cart and Order?"],
  // Changes and time
  "changes shop since 2026-11-20": [
    "What changed in shop since yesterday?",
    "what has changed in shop since yesterday",
    "show me the changes in shop since yesterday",
    "commits in shop since yesterday",
    "what's new in shop since yesterday?",
    "since yesterday, what changed in shop?",
  ],
  "changes shop since 2026-11-18": [
    "what changed in shop in the last 3 days?",
    "what changed in shop over the past three days",
    "changes to shop in the last 3 days",
    "what has changed in shop since 3 days ago?",
  ],
  "changes shop since 2026-11-01": [
    "what changed in shop since 2026-11-01?",
    "what changed in shop since November 1?",
    "what changed in shop since 1 November 2026?",
    "what changed in shop this month?",
  ],
  "changes shop since 2020-01-01": ["what changed in shop since 2020?"],
  "changes shop since 2026-03-01": ["what changed in shop since 2026-03?", "what changed in shop since March?"],
  "changes shop since 2026-11-14": [
    "what changed in shop last week?",
    "what changed in shop in the past week?",
    "what changed in shop recently?",
  ],
  "changes since 2026-11-21": ["what changed today?", "what has changed since this morning?"],
  "changes since 2026-11-16": ["what changed since Monday?", "what happened this week?"],
  "changes shop": [
    "what changed in shop?",
    "recent changes to shop",
    "history of shop",
    "latest commits in shop",
    "when was shop last changed?",
  ],
  "changes shop who": ["who changed shop?", "who works on shop?", "authors of shop", "who wrote shop?"],
  "changes shop who since 2026-11-20": ["who changed shop since yesterday?"],
  freshness: ["how fresh is the data?", "is the graph up to date?", "which sources are stale?"],
  "freshness shop": ["when was shop last indexed?", "is shop stale?"],
};

describe("a question in plain English", () => {
  for (const [meaning, questions] of Object.entries(phrasings))
    it.each(questions)(`"%s" means: ${meaning}`, (question) => {
      expect(told(readQuestion(question, now, "UTC"))).toBe(meaning);
    });

  it("counts at least 150 phrasings", () => {
    expect(Object.values(phrasings).flat().length).toBeGreaterThanOrEqual(150);
  });

  it.each([
    "",
    "???",
    "the",
    "blue is my favourite colour today I think",
    "please book a table for two at eight",
    "what is the weather in Paris like tomorrow morning",
    "write me a poem about the sea and its many fishes",
    "why",
    "it",
    "what about it?",
    "2 + 2 = ?",
  ])("%j is not understood", (question) => {
    expect(told(readQuestion(question, now, "UTC"))).toMatch(/^(not understood|(describe|find) )/);
  });

  it("keeps a quoted name as it is", () => {
    expect(told(readQuestion('what depends on "the payment service"?', now, "UTC"))).toBe(
      "dependents the payment service",
    );
  });

  it("keeps type words that are part of a name within reach", () => {
    const question = readQuestion("what depends on the payment service?", now, "UTC");
    expect(question).toMatchObject({
      intent: "dependents",
      of: { name: "payment", raw: "payment service", types: ["Service"] },
    });
  });

  it("answers in linear time for a question made to be slow", () => {
    for (const [start, nasty] of [
      ["", "what does "],
      ["", "a and "],
      ["how does ", "to "],
      ["", "list all "],
      ["what would be affected if ", "i change "],
      ["find ", '"a '],
      ["what changed ", "since yesterday "],
    ] as const)
      expect(
        growth((size) => readQuestion(start + nasty.repeat(size), now, "UTC"), 100, 8),
        nasty,
      ).toBeLessThan(1.3);
  });
});
