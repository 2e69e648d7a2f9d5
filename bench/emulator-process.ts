import { seededWorld, seeds, startEmulator } from "../emulator";

// An emulator in a process of its own, which sends its parent the address on which it listens.

const [count = 0, createMs, latencyMs = 0] = process.argv.slice(2).map(Number);

const world = seededWorld(Date.now());
const like = world.images.get(seeds.publicImageId)!;
for (let n = 0; n < count; n++) {
  const imageId = `m-bench${n}`;
  world.images.set(imageId, {
    ...like,
    imageId,
    imageName: `golden-${n}`,
    owner: "self",
    ownerId: world.account.accountId,
    isPublic: false,
    tags: new Map([["team", "platform"]]),
  });
}
const calls = new Map<string, number>();
void startEmulator({
  world,
  ...(createMs !== undefined && { durations: { createMs } }),
  intercept: async ({ action }, phase) => {
    if (phase !== "before") return undefined;
    calls.set(action, (calls.get(action) ?? 0) + 1);
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    return undefined;
  },
}).then(({ endpoint }) => process.send!(endpoint));
process.on("message", () => process.send!(Object.fromEntries(calls)));
