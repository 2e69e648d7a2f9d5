import { orphansAmong } from "../../cli/orphan";
import { stackStateIn } from "../../cli/stack-state";
import { ownerOf, ownerValue, TEST_TAG } from "../../provider/lifecycle/ownership";
import { urnOf } from "../support/lab";
import { exported } from "./terminal";

const NOW_MS = Date.UTC(2026, 0, 2);
const HOUR_MS = 3_600_000;
const instance = (InstanceId: string, stack: string, ageMs: number) => ({
  InstanceId,
  Status: "Running",
  CreationTime: new Date(NOW_MS - ageMs).toISOString(),
  Tags: {
    Tag: [
      { TagKey: TEST_TAG, TagValue: ownerValue(ownerOf(urnOf("CustomImage", "r", stack), {}, {}), "0123456789ab") },
    ],
  },
});

test("an instance that a test left is an orphan, a young one is kept, and others' are not listed", () => {
  const held = {
    ...{ regionId: "cn-hangzhou", images: [], snapshots: [], tasks: [], exports: [] },
    instances: [
      instance("i-lost", "dev", 2 * HOUR_MS),
      instance("i-young", "dev", 0),
      instance("i-other", "prod", 2 * HOUR_MS),
    ],
  };
  const caution = { nowMs: NOW_MS, olderThanMs: HOUR_MS, keepRetained: true };
  const found = orphansAmong(held, stackStateIn(exported([]), {}), caution);
  expect(found).toMatchObject([
    { kind: "instance", id: "i-lost", status: "Running" },
    { kind: "instance", id: "i-young", kept: "too young" },
  ]);
  expect(found[0]).not.toHaveProperty("kept");
});
