// `npm start`: has Node keep what it compiles (a second start takes half of the first), then runs the server.
import { keepCompiled } from "@opentrace/code/compile-cache.ts";

keepCompiled();
await import("./run-server.ts");
