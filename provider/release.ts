// Generated from package.json by `npm run generate`.

/** The version of this package. */
export const VERSION = "0.1.0";
/** The oldest Node.js that it runs on. */
export const OLDEST_NODE = "20.19";
