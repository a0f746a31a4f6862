// Builds the console: `node build.mjs FOLDER` leaves there app-HASH.js and app-HASH.css, each also
// compressed by brotli (.br) and gzip (.gz). The folder is replaced whole.

import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argv } from "node:process";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build } from "esbuild";

const folder = argv[2];
if (!folder) throw new Error("node build.mjs FOLDER");

// What the page holds of others is under licences that ask for their notice in every copy.
const lock = JSON.parse(await readFile(join(import.meta.dirname, "package-lock.json"), "utf8"));
const notices = await Promise.all(
  Object.entries(lock.packages)
    .filter(([path, { dev }]) => path && !dev)
    .map(async ([path]) => {
      const notice = await readFile(join(import.meta.dirname, path, "LICENSE"), "utf8");
      return `${path.replace("node_modules/", "")}\n${notice.trim()}`;
    }),
);

const { outputFiles } = await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: { app: "src/main.tsx" },
  outdir: "out",
  bundle: true,
  format: "esm",
  target: ["chrome125", "firefox128", "safari18"],
  minify: true,
  charset: "utf8",
  legalComments: "none", // the banner has them
  banner: { js: `/*!\n${notices.join("\n\n")}\n*/` },
  write: false,
});

const next = `${folder}.next`;
await rm(next, { recursive: true, force: true });
await mkdir(next, { recursive: true });
for (const { path, contents } of outputFiles) {
  const kind = path.slice(path.lastIndexOf("."));
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 16);
  const file = join(next, `app-${hash}${kind}`);
  await writeFile(file, contents);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  await writeFile(`${file}.br`, brotliCompressSync(contents, { params: quality }));
  await writeFile(`${file}.gz`, gzipSync(contents, { level: 9 }));
}
await rm(folder, { recursive: true, force: true });
await rename(next, folder);
