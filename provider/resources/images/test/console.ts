import { stripVTControlCharacters } from "node:util";
import { messageOf } from "../../../failure";
import type { Context } from "../../../lifecycle/context";

const MOST_LINES = 12;
const MOST_CHARACTERS = 1_500;

/** The end of an output, indented below its sentence. If there was no output, a sentence says so. */
export function endOfText(text: string, what: string): string {
  const lines = stripVTControlCharacters(text)
    .split(/\r?\n/)
    .map((line) => line.replace(/\p{Cc}/gu, " ").trimEnd())
    .filter((line) => line !== "");
  if (lines.length === 0) return `${what} is empty`;
  const end = lines.slice(-MOST_LINES).join("\n    ").slice(-MOST_CHARACTERS);
  return `The end of ${what}:\n    ${end}\n`;
}

/** The end of the console of an instance that does not come up. ECS has no console for Windows. */
export async function endOfConsole(instanceId: string, osType: string | undefined, ctx: Context): Promise<string> {
  if (osType === "windows") return "ECS shows no console of Windows instances";
  try {
    const { ConsoleOutput = "" } = await ctx.ecs("GetInstanceConsoleOutput", {
      InstanceId: instanceId,
      RemoveSymbols: true,
    });
    return endOfText(Buffer.from(ConsoleOutput, "base64").toString("utf8"), "its console");
  } catch (error) {
    return `Its console could not be read: ${messageOf(error)}`;
  }
}
