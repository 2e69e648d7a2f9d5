import { seeds } from "../../emulator";
import { URN } from "../../provider/hosts/dynamic/provider";
import type { Line } from "../line";
import { openStage } from "../stage";

const COUNT = 30;
const [CREATE_MS, BOOT_MS, COMMAND_MS, RELEASE_MS] = [60_000, 40_000, 20_000, 5_000];
/**
 * The least possible time. Cloud Assistant answers after one and a half boot times, and a command takes a second to
 * arrive.
 */
const LEAST_S = (CREATE_MS + BOOT_MS * 1.5 + 1_000 + COMMAND_MS + RELEASE_MS) / 1_000;

/** Thirty images at once with a test, and thirty without. */
export async function testing(): Promise<Line[]> {
  const [tested, plain] = [await made(true), await made(false)];
  const what = `${COUNT} images at once, each with a test`;
  return [
    {
      what: `${what}: delay beyond image, boot, command and release`,
      unit: "s",
      ours: tested.seconds - LEAST_S,
    },
    {
      what: `${COUNT} images at once, without: delay beyond the image`,
      unit: "s",
      ours: plain.seconds - CREATE_MS / 1_000,
    },
    { what: `${what}: calls in all`, unit: "", ours: tested.calls },
    { what: `${COUNT} images at once, without: calls in all`, unit: "", ours: plain.calls },
  ];
}

async function made(isTested: boolean) {
  const durations = { createMs: CREATE_MS, bootMs: BOOT_MS, commandMs: COMMAND_MS, releaseMs: RELEASE_MS };
  const stage = await openStage({ durations });
  try {
    stage.emulator.world.quotas.vCpus = 10_000;
    const { provider } = stage.process("ours");
    const { instanceId, vSwitchId, securityGroupId } = seeds;
    const test = { command: "systemctl is-system-running --wait", vSwitchId, securityGroupId };
    const create = (n: number) =>
      provider.create({
        ...{ instanceId, imageName: `image-${n}`, imageFamily: "web" },
        ...(isTested && { test }),
        [URN]: `urn:pulumi:bench::golden::pulumi-nodejs:dynamic/alicloud-image:CustomImage::image-${n}`,
        __provider: "the provider's text",
      });
    stage.actions();
    const startMs = stage.clock.now();
    await stage.turn(Promise.all(Array.from({ length: COUNT }, (_, n) => create(n))));
    return { calls: stage.actions().length, seconds: (stage.clock.now() - startMs) / 1_000 };
  } finally {
    await stage.close();
  }
}
