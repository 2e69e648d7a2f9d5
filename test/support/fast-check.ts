import fc from "fast-check";

// One seed, so that `npm test` answers the same way for the same commit. `npm run test:properties` tries others.
fc.configureGlobal({ seed: Number(process.env["FAST_CHECK_SEED"] ?? 1) });

export default fc;
