// The worker thread that makes one PDF: drawing takes longer than the server's thread may be busy.
import { parentPort, workerData } from "node:worker_threads";
import { markdownToPdf, type PdfOptions } from "./markdown-pdf.ts";

const port = parentPort;
if (port === null) throw new Error("The PDF worker runs as a thread of the server.");
port.postMessage(await markdownToPdf(workerData as PdfOptions));
