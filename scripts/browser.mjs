// Finds a Chromium for the test of the emulator's page, or downloads one from npm. Installs nothing on the machine.
//   node scripts/browser.mjs     prints it as JSON; what it does on the way goes to stderr
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { cache, obtain, run } from "./engine.mjs";

/**
 * A build of headless Chromium for Linux on x64 that comes as files of an npm package, with the libraries and fonts
 * that it needs.
 */
const PACKAGE = "@sparticuz/chromium";
const VERSION = "141.0.0";
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
`;

/**
 * `env` has the variables that the browser needs besides those of the process.
 * @returns {Promise<{ command: string, env: Record<string, string>, how: string }>}
 */
export async function browser(say = () => {}) {
  const given = process.env.CHROMIUM || process.env.CHROME_PATH;
  if (given) return { command: given, env: {}, how: "given" };
  const installed = [...onPath(), ...PLACES].find((file) => existsSync(file));
  if (installed) return { command: installed, env: {}, how: "installed" };
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error("there is no Chromium or Chrome: install one, or set CHROMIUM to its path");
  const home = path.join(cache, `chromium-${VERSION}-own-fonts`);
  const command = await obtain(home, path.join(home, "chromium"), (folder) => unpack(folder, say));
  const env = { LD_LIBRARY_PATH: path.join(home, "al2023", "lib"), FONTCONFIG_PATH: path.join(home, "fonts") };
  return { command, env, how: "from npm" };
}

const onPath = () =>
  (process.env.PATH ?? "")
    .split(path.delimiter)
    .filter(Boolean)
    .flatMap((folder) => NAMES.map((name) => path.join(folder, process.platform === "win32" ? `${name}.exe` : name)));

async function unpack(folder, say) {
  say(`fetching Chromium ${VERSION} from npm, 67 MB, once`);
  await run("npm", ["pack", `${PACKAGE}@${VERSION}`, "--pack-destination", folder], { timeout: 300_000 });
  await run("tar", ["-xzf", `sparticuz-chromium-${VERSION}.tgz`, "package/bin"], { cwd: folder });
  const inflated = async (name) =>
    promisify(brotliDecompress)(await readFile(path.join(folder, "package", "bin", `${name}.br`)));
  await writeFile(path.join(folder, "chromium"), await inflated("chromium"));
  await chmod(path.join(folder, "chromium"), 0o755);
  for (const archive of ["al2023.tar", "fonts.tar"]) {
    const file = path.join(folder, archive);
    await writeFile(file, await inflated(archive));
    const into = path.join(folder, archive === "fonts.tar" ? "fonts" : "al2023");
    await mkdir(into, { recursive: true });
    await run("tar", ["-xf", file, "-C", into]);
    await rm(file);
  }
  // The package's own configuration looks for fonts where AWS Lambda has them. Without any font, a page with a <select>
  // crashes.
  await writeFile(path.join(folder, "fonts", "fonts.conf"), FONTS);
  await rm(path.join(folder, "package"), { recursive: true });
  await rm(path.join(folder, `sparticuz-chromium-${VERSION}.tgz`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(JSON.stringify(await browser((line) => console.error(line))));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
