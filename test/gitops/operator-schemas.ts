/**
 * The part of the Pulumi Kubernetes Operator's custom resource definitions (2.9.0) that the files in gitops/kubernetes
 * use, as JSON schemas. The API server drops a field that a definition does not have, so here an unknown field is an
 * error.
 */
const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const list = (items: object) => ({ type: "array", items });
const record = (properties: Record<string, object>, required: string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

const quantity = { type: ["string", "integer"] } as const;
const amounts = record({ cpu: quantity, memory: quantity });
const podTemplate = record({
  spec: record({
    terminationGracePeriodSeconds: { type: "integer" },
    containers: list(
      record(
        {
          name: text,
          volumeMounts: list(record({ name: text, mountPath: text, readOnly: flag }, ["name", "mountPath"])),
        },
        ["name"],
      ),
    ),
    volumes: list(record({ name: text, configMap: record({ name: text }) }, ["name"])),
  }),
});

const workspaceSpec = record({
  image: text,
  securityProfile: { enum: ["baseline", "restricted"] },
  serviceAccountName: text,
  git: record({ url: text, ref: text, dir: text, shallow: flag }, ["url"]),
  env: list(
    record(
      { name: text, value: text, valueFrom: record({ secretKeyRef: record({ name: text, key: text }, ["key"]) }) },
      ["name"],
    ),
  ),
  resources: record({ requests: amounts, limits: amounts }),
  podTemplate,
  stacks: list(record({ name: text, create: flag, secretsProvider: text }, ["name"])),
});

const reference = {
  oneOf: [
    record({ type: { const: "Literal" }, literal: record({ value: text }, ["value"]) }, ["type", "literal"]),
    record({ type: { const: "Secret" }, secret: record({ name: text, key: text }, ["name", "key"]) }, [
      "type",
      "secret",
    ]),
  ],
};

const stackSpec = record(
  {
    stack: text,
    serviceAccountName: text,
    projectRepo: text,
    branch: text,
    commit: text,
    repoDir: text,
    shallow: flag,
    backend: text,
    secretsProvider: text,
    refresh: flag,
    continueResyncOnCommitMatch: flag,
    resyncFrequencySeconds: { type: "integer" },
    destroyOnFinalize: flag,
    envRefs: { type: "object", additionalProperties: reference },
    workspaceTemplate: record({ spec: workspaceSpec }),
  },
  ["stack"],
);

const resource = (apiVersion: string, kind: string, spec: object) =>
  record(
    {
      apiVersion: { const: apiVersion },
      kind: { const: kind },
      metadata: record({ name: text, namespace: text }, ["name"]),
      spec,
    },
    ["apiVersion", "kind", "metadata", "spec"],
  );

export const operatorSchemas: Record<string, object> = {
  Stack: resource("pulumi.com/v1", "Stack", stackSpec),
  Workspace: resource("auto.pulumi.com/v1alpha1", "Workspace", workspaceSpec),
};
