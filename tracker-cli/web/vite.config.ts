import { defineConfig } from "vite";
import { lazyIntl } from "./vite_uplot.ts";

/** Fixed names and no source maps: the bundle is committed, and CI compares it byte by byte. */
export default defineConfig({
  base: "/",
  plugins: [lazyIntl()],
  build: {
    target: "es2022",
    sourcemap: false,
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rollupOptions: {
      output: {
        entryFileNames: "app.js",
        chunkFileNames: "[name].js",
        codeSplitting: {
          groups: [
            { name: "base", tags: ["$initial"] },
            { name: "shared", minShareCount: 2 },
          ],
        },
        assetFileNames: (asset) => (asset.names.some((name) => name.endsWith(".css")) ? "app.css" : "[name][extname]"),
      },
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: { proxy: { "/api": process.env["TRACKER_API"] ?? "http://127.0.0.1:7788" } },
});
