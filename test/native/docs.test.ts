import { readFileSync } from "node:fs";
import path from "node:path";

const read = (file: string) => readFileSync(path.resolve(__dirname, "../..", file), "utf8");

test.each([
  ["docs/yaml.md", "examples/yaml/Pulumi.yaml"],
  ["docs/go.md", "examples/go/main.go"],
  ["docs/python.md", "examples/python/__main__.py"],
])("%s shows the program that the tests run, %s", (guide, program) => {
  expect(read(guide)).toContain(read(program));
});
