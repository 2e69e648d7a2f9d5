import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { ecsActions } from "../../emulator/actions";
import { actionTraits } from "../../provider/ecs/actions";

// What the compiler cannot ask for when somebody adds an action (CONTRIBUTING.md).

const root = path.resolve(__dirname, "../..");
const actions = Object.keys(actionTraits);

const sources = ["provider/resources", "provider/lifecycle", "provider/lookups", "cli"]
  .flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => path.join(root, folder, file)),
  )
  .concat(["queries.ts", "pages.ts"].map((file) => path.join(root, "provider/ecs", file)))
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

test("every action in the table is sent by some code", () => {
  expect(actions.filter((action) => !sources.includes(`"${action}"`))).toEqual([]);
});

test("the emulator answers every action", () => {
  expect(actions.filter((action) => !(action in ecsActions))).toEqual([]);
});

test("docs/permissions.md names every action", () => {
  const page = readFileSync(path.join(root, "docs/permissions.md"), "utf8");
  expect(actions.filter((action) => !page.includes(`"ecs:${action}"`))).toEqual([]);
});
