import { packageSchema } from "../../provider/hosts/native/package-schema";
import committed from "../../provider/hosts/native/schema.json";

test("the committed schema is the one that the fields make: npm run generate", () => {
  expect(committed).toEqual(JSON.parse(JSON.stringify(packageSchema())));
});

test("every property says what it is, and which change replaces", () => {
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
