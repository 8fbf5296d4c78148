// Entry of the web UI.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Tooltip } from "radix-ui";
import { createRoot } from "react-dom/client";
import { z } from "zod";
import { ApiError } from "../api/http.ts";
import { LiveProvider } from "../api/live.tsx";
import { router } from "./router.tsx";
import "./styles.css";

// zod otherwise probes `new Function`, which our content security policy forbids (and reports).
z.config({ jitless: true });

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // Only what another try can mend: the server away or busy.
      retry: (failures, error) =>
        failures < 2 &&
        error instanceof ApiError &&
        (error.status === 0 || error.status === 429 || error.status >= 502),
      refetchOnWindowFocus: true,
    },
  },
});

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <QueryClientProvider client={client}>
      <Tooltip.Provider delayDuration={400}>
        <LiveProvider>
          <RouterProvider router={router} />
        </LiveProvider>
      </Tooltip.Provider>
    </QueryClientProvider>,
  );
