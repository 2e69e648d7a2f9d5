import {
  bucketOf,
  emptyAnswer,
  isBucketName,
  isTaken,
  type Operation,
  ossTime,
  parameter,
  xmlAnswer,
} from "./operation";
import { ossRefusal } from "./refusal";

const locationOf = (regionId: string) => `oss-${regionId}`;

const putBucket: Operation = {
  name: "PutBucket",
  method: "PUT",
  on: "bucket",
  answer(asked) {
    const { world, bucket, request, context } = asked;
    if (!isBucketName(bucket)) throw ossRefusal("InvalidBucketName", "", { BucketName: bucket });
    if (!world.buckets.has(bucket)) {
      if (isTaken(context.cloud, bucket)) throw ossRefusal("BucketAlreadyExists", "", { BucketName: bucket });
      const storageClass = /<StorageClass>(\w+)</.exec(request.body.toString())?.[1] ?? "Standard";
      world.buckets.set(bucket, {
        name: bucket,
        regionId: context.regionId,
        creationDate: context.now,
        storageClass,
        objects: new Map(),
      });
      context.changed();
    }
    return emptyAnswer(asked, 200, { location: `/${bucket}` });
  },
};

const deleteBucket: Operation = {
  name: "DeleteBucket",
  method: "DELETE",
  on: "bucket",
  answer(asked) {
    if (bucketOf(asked).objects.size > 0) throw ossRefusal("BucketNotEmpty", "", { BucketName: asked.bucket });
    asked.world.buckets.delete(asked.bucket);
    asked.context.changed();
    return emptyAnswer(asked, 204);
  },
};

const getBucketLocation: Operation = {
  name: "GetBucketLocation",
  method: "GET",
  on: "bucket",
  marked: "location",
  answer: (asked) => xmlAnswer(asked, "LocationConstraint", locationOf(bucketOf(asked).regionId)),
};

const getBucketInfo: Operation = {
  name: "GetBucketInfo",
  method: "GET",
  on: "bucket",
  marked: "bucketInfo",
  answer(asked) {
    const { name, regionId, creationDate, storageClass, encrypted } = bucketOf(asked);
    const owner = asked.context.accountId;
    return xmlAnswer(asked, "BucketInfo", {
      Bucket: {
        CreationDate: ossTime(creationDate),
        ExtranetEndpoint: `${locationOf(regionId)}.aliyuncs.com`,
        IntranetEndpoint: `${locationOf(regionId)}-internal.aliyuncs.com`,
        Location: locationOf(regionId),
        StorageClass: storageClass,
        DataRedundancyType: "LRS",
        Name: name,
        Owner: { DisplayName: owner, ID: owner },
        AccessControlList: { Grant: "private" },
        ServerSideEncryptionRule: { SSEAlgorithm: encrypted ?? "None" },
      },
    });
  },
};

const listBuckets: Operation = {
  name: "ListBuckets",
  method: "GET",
  on: "service",
  answer(asked) {
    const owner = asked.context.accountId;
    const prefix = parameter(asked, "prefix") ?? "";
    const buckets = [...asked.world.buckets.values()]
      .filter(({ name }) => name.startsWith(prefix))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return xmlAnswer(asked, "ListAllMyBucketsResult", {
      Owner: { DisplayName: owner, ID: owner },
      Buckets: {
        Bucket: buckets.map(({ name, regionId, creationDate, storageClass }) => ({
          CreationDate: ossTime(creationDate),
          ExtranetEndpoint: `${locationOf(regionId)}.aliyuncs.com`,
          IntranetEndpoint: `${locationOf(regionId)}-internal.aliyuncs.com`,
          Location: locationOf(regionId),
          Name: name,
          Region: regionId,
          StorageClass: storageClass,
        })),
      },
    });
  },
};

export const bucketOperations: readonly Operation[] = [
  getBucketLocation,
  getBucketInfo,
  putBucket,
  deleteBucket,
  listBuckets,
];
