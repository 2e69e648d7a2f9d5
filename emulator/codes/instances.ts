/** Instances and Cloud Assistant: the error tables of their current pages. */
export const instanceCodes = {
  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runinstances
  "InvalidVSwitchId.Necessary": { status: 400, message: "The VSwitchId is necessary" },
  "InvalidVSwitchId.NotFound": { status: 404, message: "Specified virtual switch does not exist." },
  "InvalidSecurityGroupId.NotFound": { status: 404, message: "The specified SecurityGroupId %s does not exist." },
  "InvalidParameter.Mismatch": {
    status: 400,
    message: "Specified security group and virtual switch are not in the same VPC.",
  },
  "InvalidInstanceType.ValueNotSupported": {
    status: 400,
    message: "The specified InstanceType does not exist or beyond the permitted range.",
  },
  "InvalidInstanceType.ZoneNotSupported": {
    status: 403,
    message: "The specified zone does not support this instancetype.",
  },
  "OperationDenied.NoStock": {
    status: 403,
    message:
      "The requested resource is sold out in the specified zone; try other types of resources or other regions " +
      "and zones.",
  },
  ImageNotSupportInstanceType: {
    status: 403,
    message: "The specified image does not support the specified InstanceType.",
  },
  "InvalidParameter.NotMatch": { status: 403, message: "%s" },
  "OperationDenied.ImageNotValid": { status: 403, message: "The specified Image is disabled or is deleted." },
  "QuotaExceed.ElasticQuota": {
    status: 403,
    message:
      "The number of the specified ECS instances has exceeded the quota of the specified instance type, or the " +
      "number of vCPUs assigned to the ECS instances has exceeded the quota in the zone.",
  },
  "InvalidAutoReleaseTime.Malformed": {
    status: 400,
    message: "The specified parameter AutoReleaseTime is not valid.",
  },
  "InvalidInstanceName.Malformed": { status: 400, message: 'The specified parameter "InstanceName" is not valid.' },
  "InvalidInstanceChargeType.NotFound": {
    status: 404,
    message: "The InstanceChargeType does not exist in our records",
  },
  "InvalidSystemDiskCategory.ValueNotSupported": {
    status: 400,
    message: 'The specified parameter "SystemDisk.Category" is not valid.',
  },
  "InvalidRamRole.NotFound": { status: 404, message: 'The specified parameter "RAMRoleName" does not exist.' },
  "InvalidRamRole.NotEcsRole": {
    status: 401,
    message: "The specified ram role is not authorized for ecs, please check your role policy.",
  },
  "InvalidUser.PassRoleForbidden": {
    status: 403,
    message: "The RAM user does not have the privilege to pass a RAM role.",
  },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-deleteinstances, and
  // …-deleteinstance
  "DRYRUN.SUCCESS": { status: 400, message: "This request is a dryrun request with successful result." },
  "IncorrectInstanceStatus/delete": {
    status: 403,
    message: "The current status of the resource does not support this operation.",
  },
  "IncorrectInstanceStatus.Initializing": {
    status: 403,
    message: "The current status of the instance does not support this operation.",
  },
  "InstanceLockedForSecurity/delete": {
    status: 403,
    message: "The specified operation is denied as your instance is locked for security reasons.",
  },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeavailableresource
  "Invalid.Param": {
    status: 400,
    message: "The input parameter DestinationResource that is mandatory for processing this request is not supplied.",
  },
  "Invalid.DestinationResource": { status: 404, message: "The specified DestinationResource is not valid." },
  "Invalid.InstanceChargeType": { status: 400, message: "The specified InstanceChargeType is not valid." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeimagesupportinstancetypes
  "InvalidImageId.NotFound/types": {
    status: 404,
    message:
      "The specified image is not found, please make sure image is exist in current region or image status is " +
      "available.",
  },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runcommand, and the pages of the
  // results
  "InvalidInstance.NotFound": { status: 404, message: "The specified instance does not exist." },
  "InvalidInstance.NotMatch": {
    status: 400,
    message: "The specified instance type does not match the command.",
  },
  "MissingParam.InstanceId": { status: 400, message: "The parameter instanceId is missing or empty." },
  "InstanceIds.ExceedLimit": { status: 403, message: "The number of instance IDs exceeds the upper limit." },
  "CmdContent.ExceedLimit": { status: 403, message: "The maximum length of a command is exceeded." },
  "CmdContent.DecodeError": { status: 403, message: "The CommandContent can not be base64 decoded." },
  IdempotentParameterMismatch: {
    status: 403,
    message: "The specified parameter has changed while using an already used clientToken.",
  },
  "InvalidParam.PageSize": { status: 400, message: "The specified parameter is invalid." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-getinstanceconsoleoutput
  "NotSupported/console": { status: 405, message: "Windows instances have no system command output." },
} as const;
