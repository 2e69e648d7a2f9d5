// Lifecycles that do what none of ours may: seen through the same border, no outcome of theirs may hang the engine or lose a resource.
const { Session } = require("../../dist/provider/lifecycle/session.js");
const { dynamicProvider } = require("../../dist/provider/hosts/dynamic/provider.js");
const { systemClock } = require("../../dist/provider/wait/clock.js");
const { noProgress } = require("../../dist/provider/lifecycle/progress.js");

const session = new Session({
  env: { ...process.env, ALICLOUD_REGION: "cn-hangzhou", ALICLOUD_ACCESS_KEY: "key", ALICLOUD_SECRET_KEY: "secret" },
  clock: systemClock,
  progress: noProgress,
});

const states = {
  undefined: () => ({ value: undefined, list: [1, undefined], deep: { value: undefined } }),
  NaN: () => ({ value: Number.NaN, list: [Infinity] }),
  Date: () => ({ value: new Date(0) }),
  frozen: () => Object.freeze({ value: Object.freeze({ deep: 1 }) }),
  bigint: () => ({ value: 10n }),
  function: () => ({ value: () => 1, symbol: Symbol("s") }),
  circle: () => {
    const circle = {};
    return Object.assign(circle, { circle });
  },
};
const thrown = {
  text: "a plain text",
  nothing: undefined,
  null: null,
  number: 7,
  object: { code: 1 },
  frozen: Object.freeze(new Error("frozen")),
  bare: Object.create(null),
  getter: {
    get message() {
      throw new Error("no message");
    },
  },
};

const make = (verbs) =>
  dynamicProvider(
    {
      type: "Naughty",
      fields: {
        how: {
          accepts: { type: { type: "string" }, expects: "anything", violations: () => [] },
          change: "nothing",
          doc: "",
        },
      },
      argsRules: [],
      defaultTimeoutMs: 60_000,
      describe: () => "a naughty thing",
      phase: () => "unfinished",
      findLeftover: async () => undefined,
      initialState: () => ({}),
      start: async () => ({ id: "n-1" }),
      waitUntilReady: async () => ({}),
      updateInPlace: async () => ({}),
      read: async () => ({}),
      remove: async () => undefined,
      ...verbs,
    },
    session,
  );

exports.returns = make({
  waitUntilReady: async (_id, { how }) => states[how](),
  read: async (_id, { how }) => states[how](),
});
exports.throws = make({
  start: async ({ how }) => {
    throw thrown[how];
  },
  waitUntilReady: async (_id, { how }) => {
    throw thrown[how];
  },
  read: async (_id, { how }) => {
    throw thrown[how];
  },
  remove: async (_id, { how }) => {
    throw thrown[how];
  },
});
exports.unfinished = make({
  initialState: () => states.undefined(),
  waitUntilReady: async (_id, { how }) => {
    throw thrown[how];
  },
});
