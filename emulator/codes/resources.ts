/** Instances, disks, snapshots, tags, resource groups, and STS. */
export const resourceCodes = {
  "InvalidInstanceId.NotFound": { status: 404, message: "The specified InstanceId does not exist." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-deletesnapshot
  SnapshotCreatedImage: { status: 403, message: "The snapshot has been used to create user defined image(s)." },
  SnapshotCreatedDisk: { status: 403, message: "The snapshot has been used to create disk(s)." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-tagresources
  "MissingParameter.ResourceType": { status: 404, message: "The parameter - ResourceType should not be null" },
  "MissingParameter.Tags": { status: 404, message: "The parameter - Tags should not be null" },
  "MissingParameter.RegionId": { status: 404, message: "The parameter - RegionId should not be null" },
  "NumberExceed.ResourceIds": { status: 400, message: "The ResourceIds parameter's number is exceed , Valid : 50" },
  "NumberExceed.Tags": { status: 400, message: "The Tags parameter's number is exceed , Valid : 20" },
  "InvalidResourceId.NotFound": { status: 404, message: "The specified ResourceIds are not found in our records." },
  "InvalidResourceType.NotFound": { status: 404, message: "The ResourceType provided does not exist in our records." },
  "InvalidParameter.TagValue": { status: 400, message: "The specified parameter TagValue is not valid." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-joinresourcegroup
  "MissingParameter/resource-group": {
    status: 403,
    message: 'The input parameter "%s" that is mandatory for processing this request is not supplied.',
  },

  // https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole
  "EntityNotExist.Role": { status: 404, message: "The role not exists: %s." },
  NoPermission: { status: 403, message: "You are not authorized to do this action. You should be authorized by RAM." },
  "InvalidParameter.RoleArn": { status: 400, message: "The parameter RoleArn is wrongly formed." },
  "InvalidParameter.RoleSessionName": { status: 400, message: "The parameter RoleSessionName is wrongly formed." },
  "InvalidParameter.DurationSeconds": { status: 400, message: "The Min/Max value of DurationSeconds is 15min/1hr." },
  "InvalidParameter.PolicyGrammar": { status: 400, message: "The parameter Policy has not passed grammar check." },
} as const;
