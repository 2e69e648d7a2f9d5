import { oldNode } from "./sentence";

/**
 * The first import of every command. On an old Node.js it ends the process with one sentence, before anything is loaded
 * that such a Node.js cannot parse.
 */
const sentence = oldNode();
if (sentence !== undefined) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
