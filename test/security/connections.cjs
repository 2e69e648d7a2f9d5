// Loaded before a provider: tells of every connection that its process opens, but for that to the engine.
const { Socket } = require("node:net");
const { connect } = Socket.prototype;
const engine = process.argv.at(-1);

Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  const { host, port, path } = typeof options === "object" ? options : { host: args[1], port: options };
  const target = path ?? `${host ?? "localhost"}:${port}`;
  if (target !== engine) console.error(`connects to ${target}`);
  return connect.apply(this, args);
};
