import { oldNode } from "./sentence";

/**
 * The first import of what programs load. On an old Node.js it throws, before anything is loaded that such a Node.js
 * cannot parse. The error has no stack, so that the user sees only the sentence.
 */
const sentence = oldNode();
if (sentence !== undefined) {
  const error = new Error(sentence);
  error.stack = sentence;
  throw error;
}
