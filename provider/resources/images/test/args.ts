import { durationMs } from "../../../config/duration";
import type { ArgsRule } from "../../../fields/check";
import type { Field, OutputField } from "../../../fields/fields";
import { identifier, oneOf, pattern, roleName, script, shape } from "../../../fields/rules";
import { isUnknown } from "../../../fields/unknown";

/** How a new image is tested: an instance is started from it, and a command must succeed in that instance. */
export interface ImageTest {
  readonly command: string;
  readonly vSwitchId: string;
  readonly securityGroupId: string;
  readonly instanceType?: string;
  readonly timeout?: string;
  readonly ramRoleName?: string;
  readonly systemDiskCategory?: string;
}

/** The result of an image's test. */
export interface TestResult {
  readonly instanceType: string;
  readonly exitCode: number;
  readonly output: string;
  readonly testedAt: string;
}

/** Bytes. Encoded, they are 24 KB, the limit of RunCommand. */
const MOST_COMMAND = 18_432;
const DEFAULT_TIMEOUT = "15m";
const DURATION = /^(\d+(\.\d+)?(s|m|h))+$/;
const [LEAST_TIMEOUT_MS, MOST_TIMEOUT_MS] = [60_000, 24 * 3_600_000];

export const testTimeoutMs = ({ timeout = DEFAULT_TIMEOUT }: Pick<ImageTest, "timeout">): number => durationMs(timeout);

export const testField: Field<unknown> = {
  accepts: shape(
    {
      name: "ImageTest",
      outputName: "ImageTestValues",
      doc: "How a new image is tested: an instance is started from it, and a command must succeed in that instance.",
    },
    {
      command: {
        accepts: script(MOST_COMMAND),
        doc:
          "A shell script on Linux, PowerShell on Windows. The test passes if it ends with exit code 0. Cloud " +
          "Assistant keeps commands and their output for weeks, so put no secret into it.",
      },
      vSwitchId: {
        accepts: identifier("a vSwitch in the region of the image"),
        doc: "The vSwitch of the instance. The instance starts in its zone.",
      },
      securityGroupId: {
        accepts: identifier("a security group in the VPC of the vSwitch"),
        doc: "The security group of the instance. It needs no inbound rule.",
      },
      instanceType: {
        accepts: pattern("an instance type such as ecs.e-c1m1.large", /^ecs\.[a-z0-9.-]+$/),
        doc: "The type of the instance.",
        whenLeftOut: "the smallest that the image supports and the zone of the vSwitch has in stock",
      },
      timeout: {
        accepts: pattern("a duration from 1m to 24h such as 10m or 1h30m", DURATION),
        doc: "How long the instance may take to boot and to run the command, both together.",
        whenLeftOut: `\`${DEFAULT_TIMEOUT}\``,
      },
      ramRoleName: {
        accepts: roleName,
        doc: "The RAM role of the instance, for a command that uses other services.",
        whenLeftOut: "none",
      },
      systemDiskCategory: {
        accepts: oneOf("cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", "cloud_essd_entry"),
        doc: "The category of the system disk.",
        whenLeftOut: "what ECS chooses for the instance type",
      },
    },
    ["command", "vSwitchId", "securityGroupId"],
  ),
  change: "nothing",
  doc:
    "Tests a new image before anybody can use it: the image is ready, and gets its `imageFamily`, once an instance " +
    "of it has run `command` with exit code 0. The instance is pay-as-you-go and is always deleted. If the test " +
    "fails, the new image is removed, and in a replacement the old image stays. If stock, quota, balance or " +
    "permissions prevent the test, the image is unfinished, and the next `pulumi up` tests it again. An image that " +
    "the option `import` adopts is not tested.",
  whenLeftOut: "no test",
  changing: "A change applies to the next image.",
  output: "How new images are tested.",
};

export const testResultOutput = {
  type: {
    type: "object",
    name: "ImageTestResult",
    doc: "How the test of an image went.",
    properties: {
      instanceType: { type: "string", doc: "The type of the instance that the image was tested on." },
      exitCode: { type: "integer", doc: "The exit code of the command: 0." },
      output: { type: "string", doc: "What the command printed, the last 4 KiB of it." },
      testedAt: { type: "string", doc: "When the test passed, in UTC: `2026-01-31T08:00:00Z`." },
    },
    required: ["instanceType", "exitCode", "output", "testedAt"],
  },
  optional: true,
  doc: "How the `test` of this image went; absent for an image that was not tested.",
} as const satisfies OutputField;

/** Checks the limits of `timeout`, which the pattern does not. */
export const testRule: ArgsRule<{ readonly test?: ImageTest }> = ({ test }) => {
  const timeout = (Object(test) as Partial<ImageTest>).timeout;
  if (typeof timeout !== "string" || isUnknown(timeout) || !DURATION.test(timeout)) return [];
  const ms = durationMs(timeout);
  if (ms >= LEAST_TIMEOUT_MS && ms <= MOST_TIMEOUT_MS) return [];
  return [{ property: "test.timeout", reason: `test.timeout must be from 1m to 24h, not ${timeout}` }];
};
