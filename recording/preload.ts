import { record } from "./recorder";

/**
 * Loaded into every process that an engine starts, by `NODE_OPTIONS=--require`: the provider runs unchanged, and what
 * it sends is recorded.
 */
const { ALICLOUD_IMAGE_RECORDING: folder, ALICLOUD_IMAGE_RECORDING_KEY: key } = process.env;
if (folder && key) record(folder, key);
