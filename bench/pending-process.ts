import { noProgress } from "../provider/lifecycle/progress";
import { openSession } from "../provider/lifecycle/cloud";
import { dynamicProvider } from "../provider/lifecycle/dynamic";
import { customImage } from "../provider/resources/custom-image.lifecycle";
import { systemClock } from "../provider/wait/clock";
import { defaultCredential, seeds } from "../emulator";
import { plainProvider } from "./plain";
import { type Side, inputsOf, settingsFor } from "./stage";

// A provider process that has so many images pending. It writes down how much memory it holds whenever its parent asks.
const [side, endpoint, count] = process.argv.slice(2) as [Side, string, string];

function provider() {
  if (side === "plain") return plainProvider({ endpoint, regionId: seeds.regionId, ...defaultCredential }, systemClock);
  const session = openSession({ env: {}, clock: systemClock, progress: noProgress });
  const settings = settingsFor(endpoint);
  session.configure((key) => settings[key]);
  return dynamicProvider(customImage, session);
}

const { create } = provider();
for (let n = 0; n < Number(count); n++) void create(inputsOf(n));

process.on("message", () => {
  globalThis.gc!();
  process.send!(process.memoryUsage().rss);
});
