import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ecsActions, stsActions } from "../../emulator/actions";
import { operations } from "../../emulator/oss";
import { readWorldFile } from "../../emulator/tool/world-file";

const page = readFileSync(path.join(__dirname, "../../docs/emulator.md"), "utf8");
const listed = (product: string) =>
  new RegExp(`^\\*\\*${product}\\*\\*: (.*)$`, "m").exec(page)![1]!.split(", ").sort();

test("the page lists every action that the emulator answers, and no other", () => {
  expect(listed("ECS")).toEqual(Object.keys(ecsActions).sort());
  expect(listed("STS")).toEqual(Object.keys(stsActions).sort());
  expect(listed("OSS")).toEqual(operations.map(({ name }) => name).sort());
});

test("the world file of the page can be used", () => {
  const file = path.join(tmpdir(), `world-${process.pid}.json`);
  writeFileSync(file, /```json\n([\s\S]*?)```/.exec(page)![1]!);
  const world = readWorldFile(file)(0);
  expect([...world.images.values()].find(({ owner }) => owner === "self")).toMatchObject({ imageId: "m-base" });
  expect(world.otherAccounts.size).toBe(1);
});
