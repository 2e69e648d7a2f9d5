import { record } from "./recorder";

/**
 * `NODE_OPTIONS=--require` loads this into every process that an engine starts. The provider runs unchanged, and its
 * calls are recorded.
 */
const { ALICLOUD_IMAGE_RECORDING: folder, ALICLOUD_IMAGE_RECORDING_KEY: key } = process.env;
if (folder && key) record(folder, key);
