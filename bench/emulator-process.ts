import { seededWorld, seeds, startEmulator } from "../emulator";

// An emulator in a process of its own, with so many images. It tells its parent where it listens.
const [count] = process.argv.slice(2) as [string];

const world = seededWorld(Date.now());
const like = world.images.get(seeds.publicImageId)!;
for (let n = 0; n < Number(count); n++) {
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
void startEmulator({ world }).then(({ endpoint }) => process.send!(endpoint));
