import path from "node:path";
import ts from "typescript";

test("the compiler refuses a program whose CustomImage or GoldenImage does not have exactly one source", () => {
  const root = path.resolve(__dirname, "../..");
  const { config } = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const mistakes = path.join(__dirname, "mistakes.ts");
  const program = ts.createProgram([mistakes], { ...options, noEmit: true });
  const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(mistakes));
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
});
