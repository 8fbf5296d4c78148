import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The dev server passes API calls on to a running OpenTrace server (default: the one `npm start` gives).
const server = process.env.OPENTRACE_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  build: { target: "es2022", outDir: "dist", emptyOutDir: true, manifest: "manifest.json", assetsInlineLimit: 0 },
  worker: { format: "es" },
  server: {
    port: 5173,
    strictPort: false,
    proxy: { "^/(api|docs)": { target: server, changeOrigin: true, headers: { origin: server } } },
  },
});
