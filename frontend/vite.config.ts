/** How the UI is built, served while developing, and tested. */
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const server = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  // Nothing is inlined: the server's content security policy allows fonts and images from its own origin only.
  build: { assetsInlineLimit: 0, target: "es2022", chunkSizeWarningLimit: 1200 },
  server: {
    proxy: {
      "/api": server,
      "/auth": server,
      "/upload": server,
      "/guide": server,
      "/socket": { target: server, ws: true },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    server: { deps: { inline: [/@cloudscape-design/] } },
  },
});
