import * as pulumi from "@pulumi/pulumi";

/**
 * A resource whose construction costs little. For every output Pulumi records the text of the stack that created it, translated
 * by source maps; only PULUMI_DEBUG_PROMISE_LEAKS shows it. With thirty outputs that is most of what a resource costs in the
 * program: 14 ms an image. So these stacks are left empty, unless they are asked for. Where a resource was declared is recorded
 * all the same, since Pulumi reads that with a limit of its own.
 */
export abstract class DynamicResource extends pulumi.CustomResource {
  constructor(type: string, name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions | undefined) {
    const limit = Error.stackTraceLimit;
    if (!process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) Error.stackTraceLimit = 0;
    try {
      super(type, name, props, opts);
    } catch (error) {
      Error.stackTraceLimit = limit;
      if (error instanceof Error) Error.captureStackTrace(error, new.target);
      throw error;
    } finally {
      Error.stackTraceLimit = limit;
    }
  }
}
