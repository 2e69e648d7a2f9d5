import { oldNode } from "./sentence";

/**
 * The first import of what programs load: an old Node.js refuses it, before anything is loaded that it cannot read. The
 * error has no stack, so that the sentence is all that a person sees.
 */
const sentence = oldNode();
if (sentence !== undefined) {
  const error = new Error(sentence);
  error.stack = sentence;
  throw error;
}
