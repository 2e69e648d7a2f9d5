// A dynamic provider that keeps its things in a JSON file and writes down every call: what the engine really does.
const fs = require("node:fs");
const { PROBE_THINGS: thingsFile, PROBE_CALLS: callsFile } = process.env;

const things = () => (fs.existsSync(thingsFile) ? JSON.parse(fs.readFileSync(thingsFile, "utf8")) : {});
const write = (id, thing) => fs.writeFileSync(thingsFile, JSON.stringify({ ...things(), [id]: thing }));
const called = (method, details) =>
  fs.appendFileSync(callsFile, JSON.stringify({ method, pid: process.pid, cwd: process.cwd(), ...details }) + "\n");
const shown = ({ __provider, ...rest }) => rest;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

process.on("SIGINT", () => {
  called("SIGINT");
  process.exit();
});

exports.provider = {
  async check(olds, news) {
    called("check", { olds: shown(olds), news: shown(news) });
    return { inputs: news };
  },
  async diff(id, olds, news) {
    called("diff", { id, olds: shown(olds), news: shown(news) });
    const differs = (name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]);
    return { changes: differs("kind") || differs("text"), replaces: differs("kind") ? ["kind"] : [] };
  },
  async create(inputs) {
    called("create", { news: shown(inputs) });
    const id = `thing-${Object.keys(things()).length + 1}`;
    write(id, shown(inputs));
    if (inputs.text === "endless") for (;;) await pause(1_000);
    if (inputs.text === "unfinished")
      throw Object.assign(new Error("unfinished"), {
        id,
        properties: { ...inputs, state: "half" },
        reasons: ["not yet made"],
      });
    return { id, outs: { ...inputs, state: "made" } };
  },
  async read(id, outs) {
    called("read", { id, olds: shown(outs) });
    const thing = things()[id];
    return thing ? { id, props: { ...outs, ...thing, state: "made" } } : { id: "", props: {} };
  },
  async update(id, olds, news) {
    called("update", { id, olds: shown(olds), news: shown(news) });
    write(id, shown(news));
    return { outs: { ...news, state: "made" } };
  },
  async delete(id, outs) {
    called("delete", { id, olds: shown(outs) });
    const { [id]: gone, ...rest } = things();
    fs.writeFileSync(thingsFile, JSON.stringify(rest));
  },
};
