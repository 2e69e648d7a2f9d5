import { packageSchema } from "../../provider/hosts/native/package-schema";
import committed from "../../provider/hosts/native/schema.json";

test("the committed schema is current: npm run generate", () => {
  expect(committed).toEqual(JSON.parse(JSON.stringify(packageSchema())));
});

test("every property is documented, including whether a change replaces", () => {
  const { resources } = packageSchema() as { resources: Record<string, Record<string, Record<string, object>>> };
  const undescribed = Object.entries(resources).flatMap(([token, { inputProperties, properties }]) =>
    Object.entries({ ...inputProperties, ...properties }).flatMap(([key, schema]) =>
      "description" in schema ? [] : [`${token}.${key}`],
    ),
  );
  expect(undescribed).toEqual([]);
  const { instanceId, description } = resources["alicloud-image:index:CustomImage"]!["inputProperties"]!;
  expect(instanceId).toMatchObject({ willReplaceOnChanges: true });
  expect(description).not.toHaveProperty("willReplaceOnChanges");
});

test("every type, every part of it and every value of an enum is documented", () => {
  interface Type {
    readonly description?: string;
    readonly properties?: Record<string, { description?: string }>;
    readonly enum?: { name: string; description?: string }[];
  }
  const { types } = packageSchema() as { types: Record<string, Type> };
  const undescribed = Object.entries(types).flatMap(([token, { description, properties = {}, enum: values = [] }]) =>
    [
      [token, description],
      ...Object.entries(properties).map(([key, part]) => [`${token}.${key}`, part.description]),
      ...values.map((value) => [`${token}.${value.name}`, value.description]),
    ].flatMap(([name, text]) => (text === undefined ? [name] : [])),
  );
  expect(undescribed).toEqual([]);
});

test("generated SDKs read from the environment what selects an identity, and no secret", () => {
  interface Variable {
    readonly secret?: boolean;
    readonly defaultInfo?: { environment: string[] };
  }
  const { provider } = packageSchema() as { provider: { inputProperties: Record<string, Variable> } };
  const variables = Object.entries(provider.inputProperties);
  const taken = variables.flatMap(([key, { defaultInfo }]) => (defaultInfo ? [[key, defaultInfo.environment]] : []));
  expect(Object.fromEntries(taken)).toEqual({
    region: ["ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"],
    profile: ["ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"],
    ecsRoleName: ["ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"],
  });
  expect(variables.filter(([, { secret, defaultInfo }]) => secret && defaultInfo)).toEqual([]);
});

test("tags of a look-up are a map, like those of a resource", () => {
  const { functions } = committed as unknown as { functions: Record<string, { inputs: { properties: object } }> };
  for (const name of ["getImage", "getImages"])
    expect(functions[`alicloud-image:index:${name}`]!.inputs.properties).toMatchObject({
      tags: { type: "object", additionalProperties: { type: "string" } },
    });
});
