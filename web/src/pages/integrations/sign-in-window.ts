// The pop-up in which people sign in at the vendor: opened by the click itself, since browsers block what opens later.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { z } from "zod";
import { beginSignIn } from "../../api/integration-actions.ts";
import { integrations } from "../../api/integration-queries.ts";

export interface SignInPage {
  url: string;
  expiresAt: string;
  /** The browser did not let the pop-up open. */
  blocked: boolean;
}

/** Null when the browser blocks it. */
export const openWindow = (): Window | null => window.open("", "opentrace-sign-in", "popup,width=1000,height=800");

const keyOf = (id: string): readonly string[] => ["sign-in", id];

/** The sign-in that this tab began for an integration, if it did. */
export function useSignInPage(id: string): SignInPage | null {
  const { data } = useQuery<SignInPage | null>({
    queryKey: keyOf(id),
    queryFn: () => null,
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? null;
}

/** Leads the window, opened before by `openWindow`, to the vendor's page. */
export function useBeginSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, popup, returnTo }: Begin): Promise<SignInPage> => {
      try {
        const { url, expiresAt } = await beginSignIn(id, returnTo);
        if (popup) popup.location.href = url;
        return { url, expiresAt, blocked: popup === null };
      } catch (error) {
        popup?.close();
        throw error;
      }
    },
    onSuccess: (page, { id }) => {
      client.setQueryData(integrations.signIn(id).queryKey, { state: "waiting", message: null, at: null });
      client.setQueryData(keyOf(id), page);
    },
  });
}

interface Begin {
  id: string;
  popup: Window | null;
  /** Path of this UI that the last page links to. */
  returnTo: string;
}

const Outcome = z.discriminatedUnion("is", [
  z.object({ is: z.literal("connected"), integration: z.string() }),
  z.object({ is: z.literal("failed"), message: z.string() }),
]);

/**
 * Why a sign-in that this tab began did not end well, in words; calls back when it did. The window says so itself (browsers cut the tie
 * between the two at the vendor's page, so by a channel); where it cannot, the server does.
 */
export function useSignInOutcome(id: string, connected: () => void): string | null {
  const client = useQueryClient();
  const page = useSignInPage(id);
  const { data } = useQuery({
    ...integrations.signIn(id),
    refetchInterval: ({ state }) => (state.data?.state === "waiting" ? 3000 : false),
  });
  const current = useRef(connected);
  current.current = connected;
  useEffect(() => {
    const channel = new BroadcastChannel("opentrace-sign-in");
    channel.addEventListener("message", ({ data: said }: MessageEvent<unknown>) => {
      const outcome = Outcome.safeParse(said);
      if (outcome.success && (outcome.data.is === "failed" || outcome.data.integration === id))
        void client.invalidateQueries({ queryKey: integrations.keyOf(id) });
    });
    return () => channel.close();
  }, [client, id]);
  const done = page !== null && data?.state === "done";
  useEffect(() => {
    if (!done) return;
    client.setQueryData(keyOf(id), null);
    current.current();
  }, [client, done, id]);
  return data?.state === "failed" || data?.state === "expired" ? (data.message ?? "The sign-in has ended.") : null;
}
