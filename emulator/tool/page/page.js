"use strict";
const make = (name, attributes, ...children) => {
  const node = Object.assign(document.createElement(name), attributes);
  node.append(...children.filter((child) => child !== undefined && child !== ""));
  return node;
};
const by = (id) => document.getElementById(id);
const say = (text, done) => {
  by("message").textContent = text;
  by("message").className = done ? "done" : "";
};
const post = async (path, body) => {
  const answer = await fetch(`/_emulator/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { error } = await answer.json();
  say(error || "", false);
  await refresh();
  return !error;
};
const bytes = (n) =>
  n >= 2 ** 30 ? `${(n / 2 ** 30).toFixed(1)} GiB` : n >= 2 ** 20 ? `${(n / 2 ** 20).toFixed(1)} MiB` : `${n} B`;
const kind = (status) =>
  /^(Available|Finished|accomplished|Running|Success)$/.test(status)
    ? "ok"
    : /^(Creat.*Failed|Failed|failed|UnAvailable|Deleted|Timeout|Error)$/.test(status)
      ? "bad"
      : /^(Deprecated|Stopped|Cancelled)$/.test(status)
        ? "dim"
        : "moving";
const state = ({ status, progress, locks = [] }) =>
  make(
    "td",
    { className: "status" },
    make("span", { className: kind(status) }, status),
    locks.length > 0 ? make("div", { className: "bad" }, `locked: ${locks.join(", ")}`) : "",
    ...(kind(status) === "moving" && progress !== undefined
      ? [make("span", { className: "dim" }, ` ${progress}%`), make("progress", { max: 100, value: progress })]
      : []),
  );
const tag = (text, more) => make("span", { className: "tag", ...more }, text);
const OWN = "pulumi-alicloud-image:";
// The package's own tags become one badge with a summary; the full tags appear on hover.
const tags = (all) => {
  const [own, others] = [[], []];
  for (const entry of Object.entries(all || {})) (entry[0].startsWith(OWN) ? own : others).push(entry);
  const word = all?.[`${OWN}pending`]?.split(".")[0] ?? "of a stack";
  return make(
    "div",
    {},
    ...others.map(([key, value]) => tag(value === "" ? key : `${key}: ${value}`)),
    own.length > 0
      ? tag(word, { className: "tag own dim", title: own.map(([key, value]) => `${key}: ${value}`).join("\n") })
      : "",
  );
};
const where = (...lines) =>
  make(
    "td",
    { className: "where" },
    ...lines.flatMap((line, at) => (line ? [at > 0 ? make("br", {}) : "", line] : [])),
  );
const edit = (one) => {
  const dialog = by("edit");
  const { imageName, description, tags } = dialog.querySelector("form").elements;
  const theirs = Object.entries(one.tags).filter(([key]) => !key.startsWith(OWN));
  imageName.value = one.imageName;
  description.value = one.description;
  tags.value = theirs.map(([key, value]) => `${key}=${value}`).join("\n");
  dialog.onclose = () => {
    if (dialog.returnValue !== "save") return;
    const lines = tags.value
      .split("\n")
      .filter(Boolean)
      .map((line) => [line.split("=", 1)[0], line.split("=").slice(1).join("=")]);
    const gone = theirs.filter(([key]) => !lines.some(([kept]) => kept === key)).map(([key]) => [key, null]);
    void post("drift", {
      imageId: one.imageId,
      imageName: imageName.value,
      description: description.value,
      tags: Object.fromEntries([...lines, ...gone]),
    });
  };
  dialog.showModal();
};
const remove = (name) => {
  if (confirm(`Delete ${name}, as somebody would by hand?`)) void post("delete", { imageId: name });
};
const id = (text, more, ...rest) =>
  make("td", {}, make("code", {}, text), more ? make("div", { className: "dim" }, more) : "", ...rest);
const rows = {
  images: (one) => [
    id(
      one.imageId,
      [one.imageName, one.imageFamily && `family ${one.imageFamily}`, one.description].filter(Boolean).join(" · "),
      tags(one.tags),
    ),
    where(
      one.regionId,
      one.copyOf ? `copy of ${one.copyOf.imageId}` : `from ${one.sourceId || one.madeFrom}`,
      one.isPublic ? "public" : one.sharedWith.length ? `shared with ${one.sharedWith.length}` : "",
    ),
    state(one),
    make(
      "td",
      { className: "buttons" },
      make("button", { onclick: () => edit(one) }, "Edit"),
      " ",
      make("button", { onclick: () => remove(one.imageId) }, "Delete"),
    ),
  ],
  tasks: (one) => [
    id(one.taskId, "", ...one.objects.map(({ bucket, key }) => make("div", { className: "dim" }, `${bucket}/${key}`))),
    where(one.action, one.imageId),
    state(one),
  ],
  instances: (one) => [
    id(
      one.instanceId,
      [one.instanceName, ...one.disks.map(({ type, size }) => `${type} ${size} GiB`)].filter(Boolean).join(", "),
      tags(one.tags),
    ),
    where(
      `${one.regionId}, ${one.instanceType}`,
      `from ${one.imageId}`,
      one.releasedAt ? `released by itself at ${one.releasedAt.slice(11, 16)} UTC` : "",
    ),
    state(one),
  ],
  commands: (one) => [
    id(one.invokeId, one.content.split("\n")[0], one.output ? make("pre", {}, one.output.slice(-400)) : ""),
    where(one.instanceId, /^(Success|Failed)$/.test(one.status) ? `exit code ${one.exitCode}` : ""),
    state(one),
  ],
  snapshots: (one) => [
    id(one.snapshotId, one.takenFor ? `taken for ${one.takenFor}` : ""),
    where(one.regionId, `${one.diskType} disk, ${one.size} GiB`),
    state(one),
  ],
  buckets: (one) => [
    id(
      one.name,
      "",
      ...one.objects.map(({ key, size }) => make("div", { className: "dim" }, `${key} · ${bytes(size)}`)),
    ),
    where(one.regionId),
    make(
      "td",
      { className: "status" },
      make(
        "small",
        {},
        one.objects.length === 0 ? "empty" : one.objects.length + (one.objects.length === 1 ? " object" : " objects"),
      ),
    ),
  ],
};
const titles = {
  images: "Images",
  tasks: "Tasks",
  instances: "Instances",
  commands: "Commands of Cloud Assistant",
  snapshots: "Snapshots",
  buckets: "Buckets",
};
const card = (name, items) =>
  make(
    "section",
    { id: name },
    make("h2", {}, `${titles[name]} `, make("b", {}, String(items.length))),
    items.length === 0
      ? make("span", { className: "dim" }, "none")
      : make(
          "table",
          {},
          make(
            "tbody",
            {},
            ...items
              .slice()
              .reverse()
              .slice(0, 200)
              .map((one) => make("tr", {}, ...rows[name](one))),
          ),
        ),
  );
let shown = "";
let last;
const showFaults = (faults) =>
  by("faults").replaceChildren(
    ...faults.map(({ action, fault, times = 1, phase = "before" }) =>
      make(
        "li",
        {},
        "armed: " +
          (action === "*" ? "any call" : action) +
          " " +
          (fault.code || fault.kind) +
          (phase === "after" ? ", once it is done" : "") +
          (times > 1 ? `, ${times} times` : ""),
      ),
    ),
  );
const showWorld = (world) => {
  showFaults(world.faults);
  by("now").textContent = world.now.replace("T", " ").replace("Z", " UTC");
  const { now, faults, ...rest } = world;
  const text = JSON.stringify(rest);
  if (text === shown) return;
  shown = text;
  by("world").replaceChildren(
    ...world.accounts.flatMap((account) => [
      ...(world.accounts.length > 1 ? [make("h2", {}, `Account ${account.accountId}`)] : []),
      ...Object.keys(rows).map((name) =>
        card(name, name === "images" ? account.images.filter(({ owner }) => owner === "self") : account[name]),
      ),
    ]),
  );
};
const showCalls = ({ total, calls }) => {
  by("count").textContent = total;
  const newest = JSON.stringify([total, calls.at(-1)]);
  if (newest === last) return;
  last = newest;
  by("calls").replaceChildren(
    ...calls
      .reverse()
      .flatMap((call) => [
        make("small", {}, call.at.slice(11, 19)),
        make("span", { title: JSON.stringify(call.params, null, 1) }, call.action),
        make(
          "span",
          { className: !call.status || call.status >= 400 ? "bad" : call.effect ? "ok" : "dim" },
          call.code || String(call.status || "no answer"),
        ),
        make("small", {}, call.ms === undefined ? "…" : `${call.ms} ms`),
      ]),
  );
};
const get = async (name) => (await fetch(`/_emulator/${name}`)).json();
const refresh = async () => {
  try {
    const [world, calls] = await Promise.all([get("world.json"), get("calls.json")]);
    showWorld(world);
    showCalls(calls);
  } catch {
    by("now").textContent = "the emulator does not answer";
  }
};
for (const button of document.querySelectorAll("[data-advance]"))
  button.onclick = () => post("advance", { ms: Number(button.dataset.advance) });
by("reset").onclick = () => {
  if (confirm("Start over with a fresh world?")) void post("reset", {});
};
const faults = {
  throttle: {
    fault: {
      kind: "error",
      status: 400,
      code: "Throttling.User",
      message: "Request was denied due to user flow control.",
      headers: { "x-acs-retry-after": "2000" },
    },
  },
  500: { fault: { kind: "error", status: 500, code: "InternalError" } },
  403: {
    fault: {
      kind: "error",
      status: 403,
      code: "Forbidden.RAM",
      message: "User not authorized to operate on the specified resource.",
    },
  },
  reset: { fault: { kind: "reset" } },
  lost: { phase: "after", fault: { kind: "reset" } },
};
by("fault").onsubmit = async (event) => {
  event.preventDefault();
  const { action, fault } = event.target.elements;
  if (await post("inject", { action: action.value, ...faults[fault.value] }))
    say(`The next ${action.value === "*" ? "call" : action.value} meets it.`, true);
};
const loop = () => refresh().finally(() => setTimeout(loop, 1000));
void loop();
