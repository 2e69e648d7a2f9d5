import type * as lifecycles from "../provider/resources/custom-image/lifecycle";
import { systemClock } from "../provider/wait/clock";
import { account, inputsOf, type Side, settingsFor } from "./inputs";
import type * as plain from "./plain";

// A provider process with many pending images. It reports its memory use whenever its parent asks.
const [side, endpoint, count] = process.argv.slice(2) as [Side, string, string];

/** Each provider loads only what it needs. */
function provider() {
  if (side === "plain") return (require("./plain") as typeof plain).plainProvider(account(endpoint), systemClock);
  const { Session } = require("../provider/lifecycle/session") as typeof import("../provider/lifecycle/session");
  const { dynamicProvider } =
    require("../provider/hosts/dynamic/provider") as typeof import("../provider/hosts/dynamic/provider");
  const { customImage } = require("../provider/resources/custom-image/lifecycle") as typeof lifecycles;
  const { noProgress } = require("../provider/lifecycle/progress") as typeof import("../provider/lifecycle/progress");
  const session = new Session({ env: {}, clock: systemClock, progress: noProgress });
  const settings = settingsFor(endpoint);
  session.configure((key) => settings[key]);
  return dynamicProvider(customImage, session);
}

const { create } = provider();
for (let n = 0; n < Number(count); n++) void create(inputsOf(n));

process.on("message", () => {
  globalThis.gc!();
  const { rss, heapUsed } = process.memoryUsage();
  process.send!({ rss, heapUsed });
});
