import * as pulumi from "@pulumi/pulumi";
import { providerText } from "../../provider/program/provider-text";
import { properties } from "../../provider/program/registration";
import { kinds } from "../support/kinds";
import { inputsOf, type Lab, openLab, type Props, resource } from "../support/lab";

/** A program's arguments may come from anywhere: a file, a form, another stack. */
let lab: Lab;
afterEach(() => lab.close());

const KEYS = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];

describe.each(kinds)("$kind", ({ kind, args, world }) => {
  beforeEach(async () => {
    lab = await openLab({ world: world() });
  });

  const checked = (given: Props) =>
    lab.turn(
      lab
        .process()
        .of(kind)
        .check({}, inputsOf(kind, "golden", given)),
    );

  it("handles names that every object has like any other", async () => {
    const evil = JSON.parse(`{${KEYS.map((key) => `"${key}": {"polluted": "yes"}`).join(", ")}}`) as Props;
    await checked({ ...evil, ...args });
    await resource(lab, kind).up({ ...evil, ...args });
    expect(({} as Props)["polluted"]).toBeUndefined();
  });

  it("checks a huge text fast, and does not repeat it", async () => {
    const huge = "x".repeat(2_000_000);
    const startedMs = Date.now();
    for (const key of Object.keys(args).filter((name) => typeof args[name] === "string")) {
      const { failures } = await checked({ ...args, [key]: huge });
      expect(failures.map(({ property }) => property)).toContain(key);
      expect(failures.map(({ reason }) => reason).join().length).toBeLessThan(2_000);
    }
    expect(Date.now() - startedMs).toBeLessThan(3_000);
  });

  it.each(["\u0000", "\u001b[2J", "\r\nX-Injected: yes", "\u202e"])(
    "refuses control characters (%j), or sends them unchanged",
    async (odd) => {
      for (const key of Object.keys(args).filter((name) => typeof args[name] === "string")) {
        const value = `golden${odd}text`;
        const { failures } = await checked({ ...args, [key]: value });
        if (failures.length > 0) continue;
        const subject = resource(lab, kind);
        const { error } = await subject.up({ ...args, [key]: value });
        if (error === undefined) expect(subject.state!.outputs[key]).toBe(value);
        await subject.destroy();
      }
    },
  );
});

describe.each(kinds.filter(({ args }) => "tags" in args))("the tags of a $kind", ({ kind, args, world }) => {
  beforeEach(async () => {
    lab = await openLab({ world: world() });
  });

  it("may be named like properties that every object has", async () => {
    const tags = JSON.parse(`{${KEYS.map((key) => `"${key}": "${key}-value"`).join(", ")}}`) as Props;
    const subject = resource(lab, kind);
    expect(await subject.up({ ...args, tags })).toEqual({ did: "create" });
    expect(lab.emulator.world.images.get(subject.state!.id)!.tags.get("__proto__")).toBe("__proto__-value");
    await subject.refresh();
    expect(await subject.up({ ...args, tags })).toEqual({ did: "same" });
    expect(await subject.up({ ...args, tags: {} })).toEqual({ did: "update" });
    expect([...lab.emulator.world.images.get(subject.state!.id)!.tags.keys()]).toEqual(["pulumi-alicloud-image:owner"]);
    expect(({} as Props)["__proto__-value"]).toBeUndefined();
  });

  it("cannot be the owner tags of this package", async () => {
    const { failures } = await resource(lab, kind).up({
      ...args,
      tags: { "pulumi-alicloud-image:owner": "mine", "acs:x": "y", aliyun: "z" },
    });
    expect(failures?.length).toBeGreaterThanOrEqual(3);
  });
});

test("a program cannot set its provider's code or another resource's URN", async () => {
  lab = await openLab();
  await pulumi.runtime.setMocks(
    { newResource: ({ inputs }) => ({ id: "m-1", state: inputs }), call: () => ({}) },
    "golden",
    "dev",
  );
  const kind = { type: "CustomImage", entry: "customImage", outputs: [] };
  const given = properties(
    kind,
    "golden",
    {
      instanceId: "i-1",
      __provider: "exports.handler = () => process.exit()",
      __urn: "urn:pulumi:prod::x::y::z",
      __timeouts: {},
    },
    undefined,
  );
  expect(given["__provider"]).toBe(providerText("customImage"));
  expect(JSON.stringify(given)).not.toMatch(/process\.exit|prod::x/);
});
