import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { repository } from "./support";

export interface LanguageHost {
  readonly address: string;
  readonly port: string;
  /** The flag of `pulumi up` and `pulumi preview` that makes them use it. */
  readonly client: string;
  close(): void;
}

/**
 * Pulumi's Node.js language host, as far as the tests need it: runs programs in Node.js and Go, and plugins with a
 * `PulumiPlugin.yaml`. TypeScript is checked once for all programs (guides.test.ts, tsconfig.json), so a run does not
 * check it again, which takes seconds.
 */
export async function startLanguageHost({
  checksTypes = false,
  env = process.env,
  cwd = process.cwd(),
} = {}): Promise<LanguageHost> {
  const child = spawn(process.execPath, [path.join(repository, "scripts/language-host.mjs")], {
    stdio: ["pipe", "pipe", "inherit"],
    cwd,
    env: { ...env, PULUMI_NODEJS_TRANSPILE_ONLY: String(!checksTypes) },
  });
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  const address = text.toString().trim();
  return {
    address,
    port: address.split(":")[1]!,
    client: `--client=${address}`,
    close: () => void child.kill(),
  };
}
