import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { repository } from "../support";
import { execute, temporary } from "./support";

const { version } = JSON.parse(readFileSync(path.join(repository, "package.json"), "utf8")) as { version: string };

/** What a release serves, on loopback: the archives of the plugin, and the registries that have an SDK. */
export interface Release {
  readonly url: string;
  /** The names of the files that were downloaded. */
  readonly served: readonly string[];
  /**
   * Builds the SDK of a language and serves it; gives the environment in which its tool finds it, besides what it finds
   * elsewhere.
   */
  publish(language: keyof typeof registries): Promise<Record<string, string>>;
  close(): void;
}

let packed: string | undefined;
/** The folder with the archives of a release, as `npm run plugin` packs them. */
export function releaseFolder(): string {
  if (packed === undefined) {
    packed = temporary("release");
    execFileSync(process.execPath, [path.join(repository, "scripts/plugin.mjs"), packed]);
  }
  return packed;
}

/** Builds the SDK of a language as `npm run sdks` does, and returns what is published of it. */
export async function builtSdk(language: string): Promise<string> {
  const args = ["scripts/sdks.mjs", "--out", temporary("sdk"), language];
  const printed = await execute(process.execPath, args, { cwd: repository });
  return printed.trim().split(/\s+/)[1]!;
}

const GO_MODULE = "github.com/pulumi-alicloud-image/pulumi-alicloud-image/sdk/go";

/** How the tool of each language is served: files in a folder, in the layout of its registry. */
const registries = {
  /** The protocol of a Go module proxy. */
  async go(folder: string, url: string) {
    const sdk = await builtSdk("go");
    const sources = temporary("module");
    cpSync(sdk, path.join(sources, `${GO_MODULE}@v${version}`), { recursive: true });
    const versions = path.join(folder, GO_MODULE, "@v");
    mkdirSync(versions, { recursive: true });
    execFileSync("zip", ["-qrD", path.join(versions, `v${version}.zip`), "."], { cwd: sources });
    copyFileSync(path.join(sdk, "go.mod"), path.join(versions, `v${version}.mod`));
    writeFileSync(path.join(versions, "list"), `v${version}\n`);
    writeFileSync(path.join(versions, `v${version}.info`), JSON.stringify({ Version: `v${version}` }));
    const proxies = execFileSync("go", ["env", "GOPROXY"], { encoding: "utf8" }).trim();
    return { GOPROXY: `${url},${proxies}`, GONOSUMDB: "github.com/pulumi-alicloud-image/*" };
  },
  /** The simple index of Python packages: a page of links for each. */
  async python(folder: string, url: string) {
    const wheel = await builtSdk("python");
    const name = path.basename(wheel);
    const page = path.join(folder, "pulumi-alicloud-image");
    mkdirSync(page, { recursive: true });
    copyFileSync(wheel, path.join(page, name));
    writeFileSync(path.join(page, "index.html"), `<!DOCTYPE html><a href="${name}">${name}</a>`);
    return { PIP_EXTRA_INDEX_URL: `${url}/`, PIP_TRUSTED_HOST: "127.0.0.1" };
  },
  /** The layout of a Maven repository, and a home for Maven with settings that name it. */
  async java(folder: string, url: string) {
    const jar = await builtSdk("java");
    const place = path.join(folder, "io/github/pulumialicloudimage/alicloud-image", version);
    const home = temporary("maven");
    mkdirSync(place, { recursive: true });
    mkdirSync(path.join(home, ".m2"));
    copyFileSync(jar, path.join(place, path.basename(jar)));
    copyFileSync(path.join(jar, "../../pom.xml"), path.join(place, `alicloud-image-${version}.pom`));
    const ours = `<repository><id>ours</id><url>${url}</url></repository>`;
    const profile = `<profile><id>ours</id><repositories>${ours}</repositories></profile>`;
    const active = "<activeProfiles><activeProfile>ours</activeProfile></activeProfiles>";
    const settings = `<settings><profiles>${profile}</profiles>${active}</settings>`;
    writeFileSync(path.join(home, ".m2/settings.xml"), settings);
    return { MAVEN_OPTS: `-Duser.home=${home}` };
  },
  /** The npm package, as it is packed. */
  async npm(folder: string, url: string) {
    mkdirSync(folder, { recursive: true });
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: repository });
    const [tarball] = readdirSync(folder);
    const manifest = execFileSync("tar", ["-xzOf", path.join(folder, tarball!), "package/package.json"]);
    const dist = { tarball: `${url}/${tarball}` };
    const versions = { [version]: { ...JSON.parse(manifest.toString()), dist } };
    const packument = { name: "pulumi-alicloud-image", "dist-tags": { latest: version }, versions };
    mkdirSync(path.join(folder, "pulumi-alicloud-image"));
    writeFileSync(path.join(folder, "pulumi-alicloud-image/index.html"), JSON.stringify(packument));
    return { npm_config_registry: `${url}/` };
  },
} satisfies Record<string, (folder: string, url: string) => Promise<Record<string, string>>>;

let registry: string | undefined;
const npmRegistry = () =>
  (registry ??= execFileSync("npm", ["config", "get", "registry"], { cwd: repository, encoding: "utf8" })
    .trim()
    .replace(/\/$/, ""));

export async function serveRelease(): Promise<Release> {
  const archives = releaseFolder();
  const published = mkdtempSync(path.join(archives, "registries-"));
  const served: string[] = [];
  const server = createServer(({ url = "" }, response) => {
    const asked = path.normalize(decodeURIComponent(url));
    const file = [
      path.join(published, asked),
      path.join(published, asked, "index.html"),
      path.join(archives, path.basename(asked)),
    ].find((each) => existsSync(each) && statSync(each).isFile());
    const other = /^\/npm(\/.*)/.exec(url)?.[1]; // a package that is not ours
    if (file === undefined && other) return void response.writeHead(302, { location: npmRegistry() + other }).end();
    if (file === undefined) return void response.writeHead(404).end();
    served.push(path.basename(file));
    if (file.endsWith(".html")) response.setHeader("content-type", "text/html");
    response.end(readFileSync(file)); // which sets the length that the engine insists on
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    served,
    publish: (language) => registries[language](path.join(published, language), `${url}/${language}`),
    close: () => void server.close(),
  };
}
