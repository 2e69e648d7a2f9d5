import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

// Which folder may import from which, read from the sources.

const root = path.resolve(__dirname, "..");

interface Import {
  /** A file of ours, relative to the root and without extension, or the name of a package. */
  target: string;
  /** Whether the import disappears in the compilation. */
  typeOnly: boolean;
}

const files = ["provider", "emulator", "cli", "recording"].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.posix.join(folder, file).replace(/\.ts$/, "")),
);
const sources = new Map(
  files.map((file) => [
    file,
    ts.createSourceFile(file, readFileSync(path.join(root, `${file}.ts`), "utf8"), ts.ScriptTarget.Latest),
  ]),
);
const imports = new Map([...sources].map(([file, source]) => [file, importsIn(file, source)]));

function importsIn(file: string, source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (name: ts.Node | undefined, typeOnly: boolean) => {
    if (!name || !ts.isStringLiteralLike(name)) return;
    const local = name.text.startsWith(".") ? path.posix.join(path.posix.dirname(file), name.text) : undefined;
    const target =
      local === undefined ? name.text : /\.json$/.test(local) || files.includes(local) ? local : `${local}/index`;
    found.push({ target, typeOnly });
  };
  const allTypes = (names: ts.NamedImportBindings | ts.NamedExportBindings | undefined) =>
    names !== undefined &&
    "elements" in names &&
    names.elements.length > 0 &&
    [...names.elements].every((name) =>
      ts.isImportSpecifier(name) || ts.isExportSpecifier(name) ? name.isTypeOnly : false,
    );
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      add(
        node.moduleSpecifier,
        clause !== undefined && (clause.isTypeOnly || (!clause.name && allTypes(clause.namedBindings))),
      );
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly || allTypes(node.exportClause));
    } else if (ts.isExternalModuleReference(node)) {
      add(node.expression, false);
    } else if (ts.isImportTypeNode(node)) {
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    } else if (ts.isCallExpression(node)) {
      const callee = node.expression;
      const requires = ts.isIdentifier(callee) && callee.text === "require";
      if (requires || callee.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const isOurs = (target: string) => imports.has(target);
const usesPulumi = (target: string) => target === "@pulumi/pulumi" || target.startsWith("@pulumi/pulumi/");

/**
 * Every module that is loaded along with `file`; `import()` and `require` inside functions count as loaded.
 * `withTypes`: also what only its types need.
 */
function reach(file: string, withTypes = false, into = new Set<string>()): Set<string> {
  for (const { target, typeOnly } of imports.get(file) ?? []) {
    if ((typeOnly && !withTypes) || into.has(target)) continue;
    into.add(target);
    reach(target, withTypes, into);
  }
  return into;
}

/** The folders of `provider/`, and what each may import besides itself. Every other top folder counts as one. */
const base = ["failure", "nearest", "wait", "http", "ecs", "oss", "release"];
const behaviour = [...base, "config", "fields", "lifecycle", "resources", "lookups"];
const mayImport: Record<string, string[]> = {
  failure: [],
  nearest: [],
  release: [],
  "old-node": ["release"],
  fields: ["nearest"],
  wait: ["failure"],
  http: ["failure"],
  ecs: ["failure", "nearest", "wait", "http"],
  oss: ["failure", "wait", "http", "ecs"],
  config: base,
  lifecycle: [...base, "config", "fields"],
  resources: [...base, "config", "fields", "lifecycle"],
  lookups: [...base, "config", "fields", "lifecycle", "resources"],
  hosts: [...behaviour, "old-node"],
  program: behaviour,
  index: ["program", "old-node"],
  cli: [...behaviour, "recording", "old-node"],
  recording: [...behaviour, "emulator"],
  emulator: [],
};

/** The folder below `provider/`, or the top folder: the folders are the architecture. */
function folderOf(file: string): string {
  const [top = "", folder = ""] = file.split("/");
  return top === "provider" ? folder : top;
}

/**
 * The emulator shares with the provider the clock, the version and the API's words, but no code: no test would find a
 * mistake on both sides.
 */
const isExcepted = (from: string, { target, typeOnly }: Import) =>
  from === "emulator" &&
  (["provider/wait/clock", "provider/release"].includes(target) ||
    target.startsWith("provider/old-node/") ||
    (typeOnly && target.startsWith("provider/ecs/")));

test("no folder imports from a folder above it", () => {
  const trespasses = [...imports].flatMap(([file, all]) =>
    all
      .filter(
        (each) =>
          isOurs(each.target) &&
          folderOf(each.target) !== folderOf(file) &&
          !mayImport[folderOf(file)]?.includes(folderOf(each.target)) &&
          !isExcepted(folderOf(file), each),
      )
      .map(({ target }) => `${file} imports ${target}`),
  );
  expect(trespasses).toEqual([]);
});

/**
 * The folders of the emulator, lowest first: a file imports from its own folder and from those before it, types
 * included. Files at the root may import all of them.
 */
const emulatorFolders = "codes http world request access resources images instances actions oss tool root".split(" ");
const emulatorFolderOf = (file: string) => file.split("/")[2] && (file.split("/")[1] as string);
const heightOf = (file: string) => emulatorFolders.indexOf(emulatorFolderOf(file) ?? "root");

test("no folder of the emulator imports from a folder above it, not even a type", () => {
  const inEmulator = files.filter((file) => file.startsWith("emulator/"));
  expect(inEmulator.filter((file) => heightOf(file) < 0)).toEqual([]);
  const upward = inEmulator.flatMap((file) =>
    (imports.get(file) ?? [])
      .filter(({ target }) => target.startsWith("emulator/") && heightOf(target) > heightOf(file))
      .map(({ target }) => `${file} imports ${target}`),
  );
  expect(upward).toEqual([]);
});

test("every import of ours leads to a file", () => {
  const astray = [...imports].flatMap(([file, all]) =>
    all
      .filter(
        ({ target }) =>
          /^(provider|emulator|cli|recording)\//.test(target) && !isOurs(target) && !target.endsWith(".json"),
      )
      .map(({ target }) => `${file} imports ${target}`),
  );
  expect(astray).toEqual([]);
});

test("no module imports itself through others, not even for types", () => {
  expect(files.filter((file) => reach(file, true).has(file))).toEqual([]);
});

test("the resources and the commands load without Pulumi", () => {
  const behaviours = files.filter((file) => [...behaviour, "cli"].includes(folderOf(file)));
  expect(behaviours).toContain("provider/resources/custom-image/lifecycle");
  const reached = behaviours.flatMap((file) =>
    [...reach(file)].filter(usesPulumi).map((target) => `${file} reaches ${target}`),
  );
  expect(reached).toEqual([]);
});

test("the ECS SDK is used for types only, and the emulator loads nothing from Alibaba or Pulumi", () => {
  const loaded = (file: string) => [...reach(file)];
  expect(files.filter((file) => loaded(file).some((target) => target.startsWith("@alicloud/ecs20140526")))).toEqual([]);
  const emulator = files.filter((file) => file.startsWith("emulator/"));
  expect(
    emulator.filter((file) => loaded(file).some((target) => target.startsWith("@alicloud/") || usesPulumi(target))),
  ).toEqual([]);
});

test("the provider never writes to the console, because that would appear in the stack's diagnostics", () => {
  const writes = (node: ts.Node): boolean =>
    (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "console") ||
    (ts.forEachChild(node, (child) => writes(child) || undefined) ?? false);
  expect(files.filter((file) => file.startsWith("provider/") && writes(sources.get(file)!))).toEqual([]);
});
