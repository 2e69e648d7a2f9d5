// Lifecycles that do what none of ours may: seen through the same border, no outcome of theirs may hang the engine or lose a resource.
const { openSession } = require("../../dist/provider/lifecycle/cloud.js");
const { dynamicProvider } = require("../../dist/provider/lifecycle/dynamic.js");
const { systemClock } = require("../../dist/provider/wait/clock.js");
const { noProgress } = require("../../dist/provider/lifecycle/progress.js");

const session = openSession({
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
      kind: "Naughty",
      fields: { how: { accepts: () => undefined, change: "nothing", says: "" } },
      wholeRules: [],
      timeoutMs: 60_000,
      subject: () => "a naughty thing",
      stage: () => "unfinished",
      recover: async () => undefined,
      begun: () => ({}),
      start: async () => ({ id: "n-1" }),
      settle: async () => ({}),
      amend: async () => ({}),
      find: async () => ({}),
      remove: async () => undefined,
      ...verbs,
    },
    session,
  );

exports.returns = make({ settle: async (_id, { how }) => states[how](), find: async (_id, { how }) => states[how]() });
exports.throws = make({
  start: async ({ how }) => {
    throw thrown[how];
  },
  settle: async (_id, { how }) => {
    throw thrown[how];
  },
  find: async (_id, { how }) => {
    throw thrown[how];
  },
  remove: async (_id, { how }) => {
    throw thrown[how];
  },
});
exports.unfinished = make({
  begun: () => states.undefined(),
  settle: async (_id, { how }) => {
    throw thrown[how];
  },
});
