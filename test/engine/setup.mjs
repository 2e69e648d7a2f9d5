import { engine } from "../../scripts/engine.mjs";

/** Once for a whole run, in jest's own process: its workers inherit where the engine is. */
export default async function setup() {
  process.env.PULUMI_ENGINE = (await engine((line) => console.error(line))).command;
}
