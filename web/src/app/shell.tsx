// The frame around every page: navigation, palette, shortcuts, sign-in, and the banner that says when live updates stopped.
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import {
  BookOpen,
  CircleHelp,
  House,
  MessageCircleQuestion,
  Plug,
  Search,
  Settings,
  Siren,
  TextSearch,
  Waypoints,
  WifiOff,
} from "lucide-react";
import {
  lazy,
  type ReactNode,
  Suspense,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { Toaster } from "sonner";
import { useLive } from "../api/live.tsx";
import { session } from "../api/session.ts";
import { IconButton } from "../ui/button.tsx";
import { classes } from "../ui/classes.ts";
import { Kbd } from "../ui/kbd.tsx";
import { Time } from "../ui/time.tsx";
import { AuthorizePage } from "./authorize-page.tsx";
import { Account } from "./account-menu.tsx";
import { JoinPage } from "./join-page.tsx";
import { SignIn } from "./sign-in.tsx";
import { ShortcutSheet } from "./shortcut-sheet.tsx";
import { takeEarlyKeys, useShortcuts } from "./shortcuts.ts";
import { useTheme } from "./theme.ts";
import { ThemeMenu } from "./theme-menu.tsx";

const loadPalette = () => import("./palette.tsx").then((module) => ({ default: module.Palette }));
const Palette = lazy(loadPalette);

const places = [
  { to: "/", label: "Overview", icon: House, keys: "g h" },
  { to: "/incidents", label: "Incidents", icon: Siren, keys: "g n" },
  { to: "/runbooks", label: "Runbooks", icon: BookOpen, keys: "g r" },
  { to: "/explore", label: "Explore", icon: Waypoints, keys: "g e" },
  { to: "/search", label: "Search code", icon: TextSearch, keys: "g c" },
  { to: "/ask", label: "Ask", icon: MessageCircleQuestion, keys: "g a" },
  { to: "/integrations", label: "Integrations", icon: Plug, keys: "g i" },
  { to: "/settings", label: "Settings", icon: Settings, keys: "g s" },
] as const;

export function Shell() {
  const [palette, setPalette] = useState(false);
  const [paletteUsed, setPaletteUsed] = useState(false);
  const [sheet, setSheet] = useState(false);
  const needsSignIn = useSyncExternalStore(session.subscribe, session.needsSignIn);
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const theme = useTheme();
  const openPalette = (open: boolean): void => {
    setPalette(open);
    if (open) setPaletteUsed(true);
  };
  useShortcuts({
    "mod+k": () => openPalette(!palette),
    "?": () => setSheet(true),
    "g h": () => void navigate({ to: "/" }),
    "g n": () => void navigate({ to: "/incidents" }),
    "g r": () => void navigate({ to: "/runbooks" }),
    "g e": () => void navigate({ to: "/explore" }),
    "g c": () => void navigate({ to: "/search" }),
    "g a": () => void navigate({ to: "/ask" }),
    "g i": () => void navigate({ to: "/integrations" }),
    "g s": () => void navigate({ to: "/settings" }),
  });
  useLayoutEffect(() => {
    if (takeEarlyKeys() === "mod+k") openPalette(true);
    // Loaded before it is asked for: what is typed right after its keys must find it there.
    void loadPalette();
  }, []);
  // Whoever opens such a link has no account yet.
  if (path === "/join") return <JoinPage />;
  // Instead of the page, not over it: behind it every request fails, and says so.
  if (needsSignIn) return <SignIn />;
  if (path === "/authorize") return <AuthorizePage />;
  return (
    <div className="flex h-full flex-col md:flex-row">
      <a
        href="#main"
        className="absolute top-2 left-2 z-50 -translate-y-16 rounded-md bg-accent px-3 py-2 text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      <nav
        aria-label="Main"
        className="flex shrink-0 items-center overflow-x-auto border-b sm:gap-1 border-line bg-surface px-2 py-1.5 md:w-52 md:flex-col md:items-stretch md:border-r md:border-b-0 md:px-3 md:py-4"
      >
        <Link
          to="/"
          className="flex items-center gap-2 rounded-md px-1.5 py-1 font-semibold tracking-tight md:mb-3"
          aria-label="OpenTrace, overview"
        >
          <img src="/icon.svg" alt="" width={22} height={22} />
          <span className="hidden md:inline">OpenTrace</span>
        </Link>
        <button
          type="button"
          onClick={() => openPalette(true)}
          className="order-last flex size-9 items-center justify-center gap-2 rounded-md text-muted hover:bg-hover md:order-none md:mb-3 md:h-8 md:w-full md:justify-start md:border md:border-line md:bg-bg md:px-2 md:text-sm"
        >
          <Search size={15} aria-hidden />
          <span className="sr-only md:not-sr-only md:flex-1 md:text-left">Search…</span>
          <span className="hidden md:inline">
            <Kbd keys="mod k" />
          </span>
        </button>
        {places.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === "/", includeSearch: false }}
            className={classes(
              "flex h-9 items-center gap-2.5 rounded-md px-1.5 text-base sm:px-2 lg:px-2.5 text-muted hover:bg-hover hover:text-text md:h-8",
              "data-[status=active]:bg-sunken data-[status=active]:font-medium data-[status=active]:text-text",
            )}
          >
            <Icon size={16} aria-hidden />
            <span className="sr-only md:not-sr-only">{label}</span>
          </Link>
        ))}
        <span className="flex-1" />
        <Account />
        <div className="flex items-center gap-0.5">
          <ThemeMenu />
          <IconButton label="Keyboard shortcuts" keys="?" onClick={() => setSheet(true)} className="max-md:hidden">
            <CircleHelp size={16} aria-hidden />
          </IconButton>
        </div>
      </nav>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <StaleBanner />
        <Main>
          <Outlet />
        </Main>
      </div>
      {paletteUsed ? (
        <Suspense>
          <Palette open={palette} onOpenChange={openPalette} onShortcuts={() => setSheet(true)} />
        </Suspense>
      ) : null}
      <ShortcutSheet open={sheet} onOpenChange={setSheet} />
      <Toaster theme={theme} position="bottom-right" closeButton toastOptions={{ className: "!font-sans" }} />
    </div>
  );
}

/** Moves focus to the content when the page (not only its search) changes, so that keyboard and screen reader follow. */
function Main({ children }: { children: ReactNode }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <main id="main" ref={main} tabIndex={-1} className="min-h-0 flex-1 overflow-auto" data-scroll-restoration-id="main">
      {children}
    </main>
  );
}

function StaleBanner() {
  const { state, since } = useLive();
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (state !== "lost") return;
    // A short interruption (a reload of the server, a laptop waking up) is not worth a banner.
    const timer = setTimeout(() => setLate(true), 2000);
    return () => clearTimeout(timer);
  }, [state]);
  if (state !== "lost" || !late || since === null) return null;
  return (
    <div
      role="status"
      className="flex items-center gap-2 border-b border-line bg-warn-soft px-4 py-1.5 text-sm text-warn"
    >
      <WifiOff size={14} aria-hidden />
      <span>
        Stale: no live updates from the server since <Time at={new Date(since).toISOString()} />. Trying to reconnect…
      </span>
    </div>
  );
}
