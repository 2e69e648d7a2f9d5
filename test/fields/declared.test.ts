import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as ecs from "@alicloud/ecs20140526";
import { codeEntry } from "../../provider/ecs/codes";
import type { Field } from "../../provider/fields/fields";
import { resourceTypes } from "../../provider/hosts/native/package";
import { fileOf } from "../support/files";
import { contractKinds } from "../support/kinds";

// What the compiler cannot ask for when somebody adds a field or an output (CONTRIBUTING.md).

/** The API's own model of the request that the fields become; undefined: the lifecycle builds its requests by hand. */
const models: Record<string, { names(): Record<string, string> } | undefined> = {
  CustomImage: ecs.CreateImageRequest,
  ImportedImage: ecs.ImportImageRequest,
  ImageCopy: ecs.CopyImageRequest,
  ImageExport: undefined,
  ImageSharePermission: undefined,
};

/** Arguments that their field does not send, or not when they change, and what does so instead. */
const ELSEWHERE: Record<string, string> = {
  imageName: "the image lifecycle, which also makes automatic names",
  tags: "the image lifecycle, together with the owner tags",
  regionId: "the endpoint",
  triggers: "nothing: only their change matters",
  test: "the calls of the test, once the image is Available",
  keepVersions: "the delete of a replaced image",
  resourceGroupId: "the creating request, and JoinResourceGroup for a change",
  sourceRegionId: "the lifecycle: it is the region that is called",
};
/** The actions that carry arguments. */
const ACTIONS = [
  "CreateImage",
  "ImportImage",
  "CopyImage",
  "ExportImage",
  "ModifyImageAttribute",
  "ModifyImageSharePermission",
  "DeleteImage",
];
/** These have no id of their own in the cloud, which the sequences of the contract need. */
const NO_CONTRACT = ["ImageSharePermission"];
/** The folder of what all images share. */
const SHARED = "images";

const root = path.resolve(__dirname, "../..");
const resources = path.join(root, "provider/resources");
const sourceOf = (name: string) => readFileSync(path.join(root, `provider/program/${name}.ts`), "utf8");

test("classes, schema and the tables of the README are current: npm run generate", () => {
  const check = () => execFileSync(process.execPath, [path.join(root, "scripts/generate.mjs"), "--check"]);
  expect(check).not.toThrow();
});

test("every lifecycle is a resource type of the native provider, and every type is tested here", () => {
  const types = resourceTypes.map(({ type }) => type);
  const withLifecycle = readdirSync(resources).filter(
    (folder) => folder !== SHARED && readdirSync(path.join(resources, folder)).includes("lifecycle.ts"),
  );
  expect(types.map(fileOf).sort()).toEqual(withLifecycle.sort());
  expect(Object.keys(models).sort()).toEqual(types.sort());
});

const PAGES = ["README.md", "CHANGELOG.md", "docs/adoption.md", "docs/permissions.md", "docs/yaml.md"];

test.each(PAGES)("%s names every resource type", (page) => {
  const text = readFileSync(path.join(root, page), "utf8");
  const named = (type: string) => new RegExp(`^#+ ${type}$|\`${type}\``, "m").test(text);
  expect(resourceTypes.map(({ type }) => type).filter((type) => !named(type))).toEqual([]);
});

describe.each(resourceTypes.map((each) => ({ ...each, model: models[each.type], file: fileOf(each.type) })))(
  "$type",
  (kind) => {
    const fields = Object.entries(kind.fields as unknown as Record<string, Field<object>>);
    const isImage = kind.model !== undefined;
    const source = `${sourceOf(kind.file)}${isImage ? sourceOf("any-image") : ""}`;

    it("is exported to programs, and the provider process finds it by the name in its class", () => {
      const entry = /entry: "(\w+)"/.exec(source)?.[1];
      expect(sourceOf("../hosts/dynamic/entry")).toContain(`export const ${entry} = `);
      expect(sourceOf("../index")).toContain(`export { ${kind.type} } from`);
    });

    it("sends every argument that is not only recorded", () => {
      if (!isImage) return;
      const unsent = fields.filter(
        ([name, { change, computed, request, attribute }]) =>
          change !== "record" && !computed && !(change === "update" ? attribute : request) && !(name in ELSEWHERE),
      );
      expect(unsent.map(([name]) => name)).toEqual([]);
    });

    it("has every argument in the data of the contract suite", () => {
      const row = contractKinds.find(({ kind: name }) => name === kind.type);
      if (!row) {
        expect(NO_CONTRACT).toContain(kind.type);
        return expect(readdirSync(path.join(root, "test/resources"))).toContain(`${kind.file}.test.ts`);
      }
      const named = [row.args, row.changedInPlace, row.replaced, ...row.alternatives].flatMap(Object.keys);
      const args = fields.filter(([, { computed }]) => !computed).map(([name]) => name);
      expect(args.filter((name) => !named.includes(name))).toEqual([]);
      const changed = fields.filter(([, { change, attribute }]) => change === "update" && attribute);
      expect(changed.map(([name]) => name).filter((name) => !(name in row.changedInPlace))).toEqual([]);
    });

    it("documents only error codes that the provider explains", () => {
      const documented = fields.flatMap(([, { errors }]) => errors ?? []).filter((code) => !code.endsWith("*"));
      const isKnown = (code: string) => ACTIONS.some((action) => codeEntry(action, code) !== undefined);
      expect(documented.filter((code) => !isKnown(code))).toEqual([]);
    });

    it("names its parameters as in the API's own model", () => {
      const known = new Set(
        [kind.model, ecs.ModifyImageAttributeRequest].flatMap((m) => Object.values(m?.names() ?? {})),
      );
      const named = fields.flatMap(([, { request, attribute }]) =>
        [request, attribute].filter((name): name is string => typeof name === "string"),
      );
      expect(named.filter((name) => !known.has(name))).toEqual([]);
    });
  },
);
