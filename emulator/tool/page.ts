/**
 * The page at `/`: one file with its style and script, without anything from elsewhere. It reads the two documents of
 * `/_emulator/` once a second.
 */
export const page = String.raw`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Image emulator</title>
<link rel="icon" href="data:,">
<style>
  :root {
    color-scheme: light dark;
    --bg: light-dark(#f6f7f9, #14161a); --card: light-dark(#fff, #1d2026); --line: light-dark(#e2e5ea, #30343c);
    --text: light-dark(#1c2128, #e4e7ec); --dim: light-dark(#667080, #929baa); --accent: light-dark(#d9480f, #ff8a4c);
    --ok: light-dark(#1a7f4b, #4cc38a); --bad: light-dark(#c92a2a, #ff7b72); --track: light-dark(#e9ecf1, #2b2f37);
  }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--bg); color: var(--text); font: 14px/1.45 system-ui, "Segoe UI", sans-serif; }
  header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; padding: .8rem 1.2rem;
    background: var(--card); border-bottom: 1px solid var(--line); position: sticky; top: 0; z-index: 1; }
  h1 { font-size: 1.05rem; margin: 0; }
  h1::before { content: ""; display: inline-block; width: .7em; height: .7em; margin-right: .5em; border-radius: 2px; background: var(--accent); }
  h2 { font-size: .78rem; letter-spacing: .05em; text-transform: uppercase; color: var(--dim); margin: 0 0 .6rem; }
  h2 b { color: var(--text); font-weight: 600; }
  #now { color: var(--dim); font-variant-numeric: tabular-nums; margin-right: auto; }
  main { display: grid; grid-template-columns: minmax(0, 1.75fr) minmax(20rem, 1fr); gap: 1rem; padding: 1rem 1.2rem; max-width: 100rem; margin: auto; }
  @media (max-width: 75rem) { main { grid-template-columns: minmax(0, 1fr); } }
  section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; margin-bottom: 1rem; overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; }
  td { padding: .4rem .6rem .4rem 0; border-top: 1px solid var(--line); vertical-align: top; }
  tr:first-child td { border-top: 0; }
  td:last-child { padding-right: 0; text-align: right; }
  pre { margin: .2rem 0 0; white-space: pre-wrap; font: .8em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
  code { font: .86em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
  small, .dim { color: var(--dim); }
  .tag { display: inline-block; background: var(--track); border-radius: .3rem; padding: 0 .4rem; margin: .1rem .2rem 0 0; font-size: .8rem; overflow-wrap: anywhere; }
  .status { white-space: nowrap; font-weight: 500; }
  .where { white-space: nowrap; font-size: .85rem; }
  .own { cursor: help; font-style: italic; }
  .buttons { white-space: nowrap; }
  .status:last-child progress { margin-left: auto; }
  .ok { color: var(--ok); } .bad { color: var(--bad); } .moving { color: var(--accent); }
  progress { appearance: none; width: 7rem; height: .4rem; border: 0; border-radius: 1rem; overflow: hidden; background: var(--track); vertical-align: middle; display: block; margin-top: .3rem; }
  progress::-webkit-progress-bar { background: var(--track); }
  progress::-webkit-progress-value { background: var(--accent); transition: width .5s; }
  progress::-moz-progress-bar { background: var(--accent); }
  button, select { font: inherit; font-size: .85rem; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .25rem .65rem; cursor: pointer; }
  button:hover, select:hover { border-color: var(--accent); }
  button:focus-visible, select:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
  #calls { display: grid; grid-template-columns: auto auto minmax(0, 1fr) auto; gap: .15rem .7rem; font-size: .85rem; max-height: 40rem; overflow-y: auto; }
  #calls > * { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
  @media (max-width: 40rem) {
    tr { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: .2rem .8rem; border-top: 1px solid var(--line); padding: .5rem 0; }
    tr:first-child { border-top: 0; }
    td { border: 0; padding: 0; }
    td:first-child { grid-column: 1 / -1; }
    .where { grid-column: 1 / -1; white-space: normal; }
  }
  dialog { background: var(--card); color: inherit; border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.2rem; width: min(30rem, 90vw); }
  dialog form { display: grid; gap: .6rem; }
  dialog label { display: grid; gap: .2rem; font-size: .85rem; color: var(--dim); }
  input, textarea { font: inherit; color: var(--text); background: var(--bg); border: 1px solid var(--line); border-radius: .4rem; padding: .3rem .5rem; }
  ul { list-style: none; margin: .4rem 0 0; padding: 0; font-size: .85rem; }
  form { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; }
  #message { color: var(--bad); min-height: 1.2em; margin: .4rem 0 0; }
  #message.done { color: var(--ok); }
</style>
<header>
  <h1>Image emulator</h1><span id="now" aria-live="off"></span>
  <span class="dim">Clock</span>
  <button data-advance="10000">+10 s</button><button data-advance="60000">+1 min</button><button data-advance="600000">+10 min</button>
  <button id="reset">Reset</button>
</header>
<main>
  <div id="world"></div>
  <div>
    <section>
      <h2>Fault for the next call</h2>
      <form id="fault">
        <select name="action" aria-label="Action">
          <option>*</option><option>CreateImage</option><option>ImportImage</option><option>ExportImage</option><option>CopyImage</option>
          <option>RunInstances</option><option>RunCommand</option><option>DeleteInstances</option><option>DescribeImages</option><option>DescribeTaskAttribute</option><option>ModifyImageAttribute</option><option>DeleteImage</option>
          <option>DeleteSnapshot</option><option>TagResources</option><option>PutObject</option><option>HeadObject</option>
        </select>
        <select name="fault" aria-label="Fault">
          <option value="throttle">throttled</option><option value="500">internal error</option><option value="403">not authorized</option>
          <option value="reset">connection lost</option><option value="lost">answer lost</option>
        </select>
        <button>Inject</button>
      </form>
      <ul id="faults"></ul>
      <p id="message" role="status"></p>
    </section>
    <section><h2>Calls <b id="count"></b></h2><div id="calls"></div></section>
  </div>
</main>
<dialog id="edit" aria-label="Change an image by hand">
  <form method="dialog">
    <label>Name <input name="imageName"></label>
    <label>Description <input name="description"></label>
    <label>Tags, one in each line: key=value <textarea name="tags" rows="4"></textarea></label>
    <span><button value="save">Change</button> <button value="">Cancel</button></span>
  </form>
</dialog>
<script>
  "use strict";
  const make = (name, attributes, ...children) => {
    const node = Object.assign(document.createElement(name), attributes);
    node.append(...children.filter((child) => child !== undefined && child !== ""));
    return node;
  };
  const by = (id) => document.getElementById(id);
  const say = (text, done) => { by("message").textContent = text; by("message").className = done ? "done" : ""; };
  const post = async (path, body) => {
    const answer = await fetch("/_emulator/" + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const { error } = await answer.json();
    say(error || "", false);
    await refresh();
    return !error;
  };
  const bytes = (n) => n >= 2 ** 30 ? (n / 2 ** 30).toFixed(1) + " GiB" : n >= 2 ** 20 ? (n / 2 ** 20).toFixed(1) + " MiB" : n + " B";
  const kind = (status) => /^(Available|Finished|accomplished|Running|Success)$/.test(status) ? "ok" : /^(Creat.*Failed|Failed|failed|UnAvailable|Deleted|Timeout|Error)$/.test(status) ? "bad" : /^(Deprecated|Stopped|Cancelled)$/.test(status) ? "dim" : "moving";
  const state = ({ status, progress, locks = [] }) => make("td", { className: "status" },
    make("span", { className: kind(status) }, status),
    locks.length > 0 ? make("div", { className: "bad" }, "locked: " + locks.join(", ")) : "",
    ...(kind(status) === "moving" && progress !== undefined ? [make("span", { className: "dim" }, " " + progress + "%"), make("progress", { max: 100, value: progress })] : []));
  const tag = (text, more) => make("span", { className: "tag", ...more }, text);
  const OWN = "pulumi-alicloud-image:";
  // The package's own tags are one badge: what they say of the image, and the whole text on hover.
  const tags = (all) => {
    const [own, others] = [[], []];
    for (const entry of Object.entries(all || {})) (entry[0].startsWith(OWN) ? own : others).push(entry);
    const word = (all || {})[OWN + "pending"]?.split(".")[0] ?? "of a stack";
    return make("div", {}, ...others.map(([key, value]) => tag(value === "" ? key : key + ": " + value)),
      own.length > 0 ? tag(word, { className: "tag own dim", title: own.map(([key, value]) => key + ": " + value).join("\n") }) : "");
  };
  const where = (...lines) => make("td", { className: "where" }, ...lines.flatMap((line, at) => line ? [at > 0 ? make("br", {}) : "", line] : []));
  const edit = (one) => {
    const dialog = by("edit");
    const { imageName, description, tags } = dialog.querySelector("form").elements;
    const theirs = Object.entries(one.tags).filter(([key]) => !key.startsWith(OWN));
    imageName.value = one.imageName;
    description.value = one.description;
    tags.value = theirs.map(([key, value]) => key + "=" + value).join("\n");
    dialog.onclose = () => {
      if (dialog.returnValue !== "save") return;
      const lines = tags.value.split("\n").filter(Boolean).map((line) => [line.split("=", 1)[0], line.split("=").slice(1).join("=")]);
      const gone = theirs.filter(([key]) => !lines.some(([kept]) => kept === key)).map(([key]) => [key, null]);
      post("drift", { imageId: one.imageId, imageName: imageName.value, description: description.value, tags: Object.fromEntries([...lines, ...gone]) });
    };
    dialog.showModal();
  };
  const remove = (name) => { if (confirm("Delete " + name + ", as somebody would by hand?")) post("delete", { imageId: name }); };
  const id = (text, more, ...rest) => make("td", {}, make("code", {}, text), more ? make("div", { className: "dim" }, more) : "", ...rest);
  const rows = {
    images: (one) => [
      id(one.imageId, [one.imageName, one.imageFamily && "family " + one.imageFamily, one.description].filter(Boolean).join(" · "), tags(one.tags)),
      where(one.regionId, one.copyOf ? "copy of " + one.copyOf.imageId : "from " + one.madeFrom, one.isPublic ? "public" : one.sharedWith.length ? "shared with " + one.sharedWith.length : ""),
      state(one),
      make("td", { className: "buttons" }, make("button", { onclick: () => edit(one) }, "Edit"), " ", make("button", { onclick: () => remove(one.imageId) }, "Delete")),
    ],
    tasks: (one) => [id(one.taskId, "", ...one.objects.map(({ bucket, key }) => make("div", { className: "dim" }, bucket + "/" + key))), where(one.action, one.imageId), state(one)],
    instances: (one) => [
      id(one.instanceId, one.disks.map(({ type, size }) => type + " " + size + " GiB").join(", "), tags(one.tags)),
      where(one.regionId + ", " + one.instanceType, "from " + one.imageId, one.releasedAt ? "released by itself at " + one.releasedAt.slice(11, 16) + " UTC" : ""),
      state(one),
    ],
    commands: (one) => [
      id(one.invokeId, one.content.split("\n")[0], one.output ? make("pre", {}, one.output.slice(-400)) : ""),
      where(one.instanceId, /^(Success|Failed)$/.test(one.status) ? "exit code " + one.exitCode : ""),
      state(one),
    ],
    snapshots: (one) => [id(one.snapshotId, one.takenFor ? "taken for " + one.takenFor : ""), where(one.regionId, one.diskType + " disk, " + one.size + " GiB"), state(one)],
    buckets: (one) => [id(one.name, "", ...one.objects.map(({ key, size }) => make("div", { className: "dim" }, key + " · " + bytes(size)))), where(one.regionId), make("td", {}, make("small", {}, one.objects.length === 0 ? "empty" : one.objects.length + (one.objects.length === 1 ? " object" : " objects")))],
  };
  const titles = { images: "Images", tasks: "Tasks", instances: "Instances", commands: "Commands of Cloud Assistant", snapshots: "Snapshots", buckets: "Buckets" };
  const card = (name, items) => make("section", { id: name }, make("h2", {}, titles[name] + " ", make("b", {}, String(items.length))),
    items.length === 0 ? make("span", { className: "dim" }, "none") : make("table", {}, make("tbody", {}, ...items.slice().reverse().slice(0, 200).map((one) => make("tr", {}, ...rows[name](one))))));
  let shown = "";
  let last;
  const showFaults = (faults) => by("faults").replaceChildren(...faults.map(({ action, fault, times = 1, phase = "before" }) =>
    make("li", {}, "armed: " + action + " " + (fault.code || fault.kind) + (phase === "after" ? ", once it is done" : "") + (times > 1 ? ", " + times + " times" : ""))));
  const showWorld = (world) => {
    showFaults(world.faults);
    by("now").textContent = world.now.replace("T", " ").replace("Z", " UTC");
    const { now, faults, ...rest } = world;
    const text = JSON.stringify(rest);
    if (text === shown) return;
    shown = text;
    by("world").replaceChildren(...world.accounts.flatMap((account) => [
      ...(world.accounts.length > 1 ? [make("h2", {}, "Account " + account.accountId)] : []),
      ...Object.keys(rows).map((name) => card(name, name === "images" ? account.images.filter(({ owner }) => owner === "self") : account[name])),
    ]));
  };
  const showCalls = ({ total, calls }) => {
    by("count").textContent = total;
    const newest = JSON.stringify([total, calls.at(-1)]);
    if (newest === last) return;
    last = newest;
    by("calls").replaceChildren(...calls.reverse().flatMap((call) => [
      make("small", {}, call.at.slice(11, 19)),
      make("span", { title: JSON.stringify(call.params, null, 1) }, call.action),
      make("span", { className: !call.status || call.status >= 400 ? "bad" : call.effect ? "ok" : "dim" }, call.code || String(call.status || "no answer")),
      make("small", {}, call.ms === undefined ? "…" : call.ms + " ms"),
    ]));
  };
  const get = async (name) => (await fetch("/_emulator/" + name)).json();
  const refresh = async () => {
    try {
      const [world, calls] = await Promise.all([get("world.json"), get("calls.json")]);
      showWorld(world);
      showCalls(calls);
    } catch {
      by("now").textContent = "the emulator does not answer";
    }
  };
  for (const button of document.querySelectorAll("[data-advance]")) button.onclick = () => post("advance", { ms: Number(button.dataset.advance) });
  by("reset").onclick = () => { if (confirm("Start over with a fresh world?")) post("reset", {}); };
  const faults = {
    throttle: { fault: { kind: "error", status: 400, code: "Throttling.User", message: "Request was denied due to user flow control.", headers: { "x-acs-retry-after": "2000" } } },
    500: { fault: { kind: "error", status: 500, code: "InternalError" } },
    403: { fault: { kind: "error", status: 403, code: "Forbidden.RAM", message: "User not authorized to operate on the specified resource." } },
    reset: { fault: { kind: "reset" } },
    lost: { phase: "after", fault: { kind: "reset" } },
  };
  by("fault").onsubmit = async (event) => {
    event.preventDefault();
    const { action, fault } = event.target.elements;
    if (await post("inject", { action: action.value, ...faults[fault.value] })) say("The next " + (action.value === "*" ? "call" : action.value) + " meets it.", true);
  };
  const loop = () => refresh().finally(() => setTimeout(loop, 1000));
  loop();
</script>
</html>
`;
