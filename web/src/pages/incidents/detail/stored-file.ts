// Files that only the signed-in may read: fetched with the key, since neither an <img> nor a link sends it.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { authHeaders, failure, unreachable } from "../../../api/http.ts";
import { errorMessage } from "../../../ui/states.tsx";

async function readFile(url: string, signal: AbortSignal): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(url, { headers: authHeaders(), signal });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw unreachable(cause);
  }
  if (!response.ok) throw await failure(response);
  return response.blob();
}

/** An address in this page for a file of the server; null until it is here. */
export function useFile(url: string): { address: string | null; error: unknown } {
  const { data, error } = useQuery({
    queryKey: ["file", url],
    queryFn: ({ signal }) => readFile(url, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!data) return;
    const made = URL.createObjectURL(data);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  return { address, error };
}

export async function downloadFile(url: string, name: string): Promise<void> {
  try {
    const made = URL.createObjectURL(await readFile(url, new AbortController().signal));
    const link = document.createElement("a");
    link.href = made;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(made), 10_000);
  } catch (error) {
    toast.error(errorMessage(error));
  }
}
