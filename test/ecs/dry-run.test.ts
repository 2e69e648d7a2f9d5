import { dryRun } from "../../provider/ecs/dry-run";
import { answer, openRig, type Rig, refuse, reset } from "./stage";

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.stage.close());

const tried = (deadlineMs?: number) =>
  rig.settled(
    dryRun(() =>
      rig.ecs(deadlineMs === undefined ? {} : { deadlineMs })("CreateImage", { InstanceId: "i-1", DryRun: true }),
    ),
  );

it("a request that the cloud would accept is accepted", async () => {
  rig.stage.play(refuse(400, "DryRunOperation", "Request validation has been passed with DryRun flag set."));
  expect(await tried()).toEqual({ is: "accepted" });
  expect(rig.stage.seen).toHaveLength(1);
});

it.each([
  ["a full quota", "QuotaExceed.Image"],
  ["an instance that does not exist", "InvalidInstanceId.NotFound"],
  ["a wrong access key", "InvalidAccessKeyId.NotFound"],
  ["a wrong secret", "SignatureDoesNotMatch"],
  ["a disabled key", "Forbidden.AccessKeyDisabled"],
])("%s is a refusal, with its reason", async (_, code) => {
  rig.stage.play(refuse(403, code));
  expect(await tried()).toMatchObject({ is: "refused", failure: { detail: { code } } });
});

it.each([
  ["a missing permission", refuse(403, "Forbidden.RAM")],
  ["an instance that is busy now", refuse(403, "IncorrectInstanceStatus")],
  ["a role that the run may create", refuse(403, "NoSetRoletoECSServiceAcount")],
  ["a bucket that the run may create", refuse(404, "InvalidOSSBucket.NotFound")],
  ["a file that the run may upload", refuse(404, "InvalidOSSObject.NotFound")],
  ["a name that the run may free", refuse(400, "InvalidImageName.Duplicated")],
  ["a code that no page lists", refuse(400, "Brand.New")],
  ["an answer that says nothing of a check", answer({})],
])("%s proves nothing, and ends the dry run at once", async (_, act) => {
  rig.stage.play(act);
  expect(await tried()).toEqual({ is: "unknown" });
  expect(rig.stage.seen).toHaveLength(1);
});

it("a missing answer is no refusal, and is reported", async () => {
  rig.stage.play(reset);
  expect(await tried(5_000)).toMatchObject({ is: "unknown", unanswered: { kind: "Unreachable" } });
});

it("an endpoint at which nothing listens is a refusal", async () => {
  await rig.stage.close();
  expect(await tried()).toMatchObject({ is: "refused", failure: { detail: { unsent: true } } });
});
