// A certificate authority of one's own and a server certificate for localhost, made anew for a test.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** All as PEM. */
export function makeCertificates(): { authority: string; tls: { key: string; cert: string } } {
  const folder = mkdtempSync(join(tmpdir(), "opentrace-ca-"));
  try {
    const run = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
    const read = (name: string): string => readFileSync(join(folder, name), "utf8");
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    writeFileSync(join(folder, "names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    run("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Acme root");
    run("req", ...key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
    const by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
    run("x509", "-req", "-in", "server.csr", ...by, "-out", "server.pem", "-days", "2");
    return { authority: read("ca.pem"), tls: { key: read("server.key"), cert: read("server.pem") } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
