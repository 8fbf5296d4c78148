// The picture of a screenshot; pressed, it is shown as large as the window.
import type { Evidence } from "@opentrace/contract/incidents.ts";
import { useState } from "react";
import { Dialog } from "../../../ui/dialog.tsx";
import { ErrorNote, Skeleton } from "../../../ui/states.tsx";
import { bytesText } from "../../../ui/time-text.ts";
import { useFile } from "./stored-file.ts";

export function Screenshot({ evidence: { image, title } }: { evidence: Evidence }) {
  if (image === null) return <p className="text-muted">The picture was not stored.</p>;
  return <Stored image={image} title={title} />;
}

function Stored({ image, title }: { image: NonNullable<Evidence["image"]>; title: string }) {
  const { address, error } = useFile(image.url);
  const [large, setLarge] = useState(false);
  if (error) return <ErrorNote error={error} />;
  if (address === null) return <Skeleton className="aspect-video w-full" />;
  const picture = { src: address, alt: `Screenshot: ${title}`, width: image.width, height: image.height };
  return (
    <figure className="flex min-w-0 flex-col gap-1.5">
      <button
        type="button"
        aria-label="Show it large"
        onClick={() => setLarge(true)}
        className="overflow-hidden rounded-md border border-line bg-sunken"
      >
        <img {...picture} className="h-auto max-h-96 w-full object-contain" />
      </button>
      <figcaption className="text-sm text-faint">
        {image.name === null ? "" : `${image.name} · `}
        {image.width} × {image.height}, {bytesText(image.bytes)}
      </figcaption>
      <Dialog open={large} onOpenChange={setLarge} title={title} full>
        <img {...picture} className="h-auto w-full" />
      </Dialog>
    </figure>
  );
}
