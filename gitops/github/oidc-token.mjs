// Writes the OIDC token of a GitHub Actions job to a file. With --renew it writes a new one every four minutes until
// the job ends: a token of GitHub expires after some minutes, a session of a RAM role after an hour, and an image
// import may take two hours. The job needs the permission id-token: write.
//   node oidc-token.mjs <file> [--renew]
import { renameSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

const AUDIENCE = "sts.aliyuncs.com";
const RENEW_AFTER_MS = 4 * 60_000;
const [file, renew] = process.argv.slice(2);

async function write() {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = process.env;
  if (!url || !token) throw new Error("this is not a GitHub Actions job with the permission id-token: write");
  const answer = await fetch(`${url}&audience=${AUDIENCE}`, {
    headers: { authorization: `bearer ${token}` },
    signal: AbortSignal.timeout(30_000),
  });
  if (!answer.ok) throw new Error(`GitHub answered ${answer.status} to the request for an OIDC token`);
  const { value } = await answer.json();
  writeFileSync(`${file}.new`, value, { mode: 0o600 });
  renameSync(`${file}.new`, file); // a reader sees the old token or the new one, never half of it
}

async function renewForever() {
  for (;;) {
    await setTimeout(RENEW_AFTER_MS);
    await write().catch((error) => console.error(error.message)); // the next attempt may succeed
  }
}

try {
  await (renew === "--renew" ? renewForever() : write());
} catch (error) {
  console.error(`oidc-token: ${error.message}`);
  process.exitCode = 1;
}
