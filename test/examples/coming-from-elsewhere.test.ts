import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

// A user who searches for an argument of @pulumi/alicloud finds it on the page, whatever version of it they have.

const root = path.resolve(__dirname, "../..");
const page = readFileSync(path.join(root, "docs/coming-from-elsewhere.md"), "utf8");
const typesOf = (file: string) => path.join(root, "node_modules/@pulumi/alicloud/ecs", file);
const declarations = { Image: "image", ImageImport: "imageImport", ImageExport: "imageExport", ImageCopy: "imageCopy" };
const classes = Object.entries({ ...declarations, ImageSharePermission: "imageSharePermission" });

function argumentsOf(kind: string, file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(typesOf(`${file}.d.ts`), "utf8"), ts.ScriptTarget.ES2022);
  const declared = source.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === `${kind}Args`)!;
  return declared.members.map(({ name }) => (name as ts.Identifier).text).sort();
}

function rowsOf(kind: string): string[] {
  const section = page.split(`## alicloud.ecs.${kind},`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `(\w+)` \| /gm)].map(([, name]) => name!).sort();
}

test.each(classes)("the table of alicloud.ecs.%s has each of its arguments, and no other", (kind, file) => {
  expect(rowsOf(kind)).toEqual(argumentsOf(kind, file));
});

test("the table of alicloud.ecs.getImages has each of its arguments, and no other", () => {
  expect(rowsOf("getImages")).toEqual(argumentsOf("GetImages", "getImages"));
});
