import { engine } from "../../scripts/engine.mjs";
import { languageTools, programTest, pythonTools } from "../../scripts/language-tools.mjs";

/** Once for a whole run, in jest's own process: its workers inherit where everything is. */
export default async function setup() {
  const say = (line) => console.error(line);
  process.env.PULUMI_ENGINE ??= (await engine(say)).command; // scripts/test-matrix.mjs names one
  process.env.PULUMI_LANGUAGE_TOOLS = await languageTools(say).then(
    ({ folder }) => folder,
    () => "",
  );
  process.env.PULUMI_PROGRAM_TEST = process.env.CRASH_SWEEP === "full" ? await programTest(say).catch(() => "") : "";
  process.env.PULUMI_PYTHON = await pythonTools(say).catch(() => "");
}
