// `npm start`: has Node keep what it compiles (a second start takes half of the first) and take bundles, then runs the server.
// Plain JavaScript, as all that runs before that: for a first TypeScript file that is not kept, Node starts a compiler of 3 MB.
import { keepCompiled } from "@opentrace/code/compile-cache.mjs";
import { useBundledPackages } from "./bundled-packages.mjs";

keepCompiled();
useBundledPackages();
await import("./run-server.ts");
