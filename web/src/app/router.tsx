// Which address shows which page. Pages beyond the first screen are loaded when they are needed.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { AddPage } from "../pages/add/add-page.tsx";
import { HomePage } from "../pages/home/home-page.tsx";
import { AuthorizePage } from "./authorize-page.tsx";
import { JoinPage } from "./join-page.tsx";
import { NotFound, PageFailed } from "./failures.tsx";
import { onlyStrings, parseSearchStrings, writeSearchStrings } from "./search-strings.ts";
import { Shell } from "./shell.tsx";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageFailed });
const validateSearch = onlyStrings;

const routes = [
  createRoute({ getParentRoute: () => root, path: "/", component: HomePage }),
  createRoute({ getParentRoute: () => root, path: "/join", component: JoinPage }),
  createRoute({ getParentRoute: () => root, path: "/authorize", validateSearch, component: AuthorizePage }),
  createRoute({ getParentRoute: () => root, path: "/add", validateSearch, component: AddPage }),
  createRoute({
    getParentRoute: () => root,
    path: "/explore",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/explore/explore-page.tsx"), "ExplorePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/search",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/search/search-page.tsx"), "SearchPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/source",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/source/source-page.tsx"), "SourcePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/repositories/$id",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/repository/repository-page.tsx"), "RepositoryPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/integrations",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/integrations/gallery-page.tsx"), "GalleryPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/integrations/$connector",
    component: lazyRouteComponent(() => import("../pages/integrations/connector-page.tsx"), "ConnectorPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/integrations/$connector/connect",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/integrations/connect/connect-page.tsx"), "ConnectPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/integrations/$connector/$id",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/integrations/manage/manage-page.tsx"), "ManagePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/incidents",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/incidents/list/incidents-page.tsx"), "IncidentsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/incidents/new",
    component: lazyRouteComponent(() => import("../pages/incidents/declare/declare-page.tsx"), "DeclarePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/incidents/$id",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/incidents/detail/incident-page.tsx"), "IncidentPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/runbooks",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/runbooks/runbooks-page.tsx"), "RunbooksPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/runbooks/new",
    component: lazyRouteComponent(() => import("../pages/runbooks/new-runbook-page.tsx"), "NewRunbookPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/runbooks/$id",
    component: lazyRouteComponent(() => import("../pages/runbooks/runbook-page.tsx"), "RunbookPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/ask",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/ask/ask-page.tsx"), "AskPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/settings",
    validateSearch,
    component: lazyRouteComponent(() => import("../pages/settings/settings-page.tsx"), "SettingsPage"),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: "intent",
  scrollRestoration: true,
  parseSearch: parseSearchStrings,
  stringifySearch: writeSearchStrings,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
