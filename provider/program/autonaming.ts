import { randomInt, randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Naming } from "../lifecycle/naming";

/**
 * A rule of `pulumi:autonaming` (https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming-configuration).
 */
interface Rule {
  readonly mode?: string;
  readonly pattern?: string;
  readonly enforce?: boolean;
}

interface Autonaming extends Rule {
  readonly providers?: Readonly<Record<string, Rule & { readonly resources?: Readonly<Record<string, Rule>> }>>;
}

/** The package's name for its users, and the engine's name for the package of a dynamic resource. */
const PROVIDERS = ["alicloud-image", "pulumi-nodejs"];

/**
 * The stack's naming rule for a resource. The engine passes it only to native providers, with the random parts filled
 * in. Here the program reads it from the stack's configuration and fills them in itself.
 */
export function namingOf(type: string, name: string): Naming | undefined {
  const { mode, pattern, enforce } = ruleFor(type, new pulumi.Config("pulumi").getObject<Autonaming>("autonaming"));
  if (mode === "disabled") return { mode: "disable" };
  if (mode === "verbatim") return { mode: "enforce", name };
  return pattern === undefined ? undefined : { mode: enforce ? "enforce" : "propose", name: filledIn(pattern, name) };
}

/** The most specific rule. */
function ruleFor(type: string, autonaming: Autonaming | undefined): Rule {
  const tokens = [`alicloud-image:index:${type}`, `pulumi-nodejs:dynamic/alicloud-image:${type}`];
  const providers = PROVIDERS.flatMap((provider) => autonaming?.providers?.[provider] ?? []);
  const resources = providers.flatMap(({ resources: all }) => tokens.flatMap((token) => all?.[token] ?? []));
  const rules = [...resources, ...providers, ...(autonaming ? [autonaming] : [])];
  return rules.find(({ mode, pattern }) => mode !== undefined || pattern !== undefined) ?? {};
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const alphabets: Readonly<Record<string, string>> = {
  hex: "0123456789abcdef",
  alphanum: `${LETTERS}0123456789`,
  string: LETTERS,
  num: "0123456789",
};

function filledIn(pattern: string, name: string): string {
  const values: Readonly<Record<string, () => string>> = {
    organization: pulumi.getOrganization,
    project: pulumi.getProject,
    stack: pulumi.getStack,
    name: () => name,
    uuid: randomUUID,
  };
  return pattern.replace(/\$\{(?:config\.([^}]+)|(\w+)\((\d+)\)|(\w+))\}/g, (text, ...groups) => {
    const [key, alphabet, length, value] = groups;
    if (key !== undefined) return new pulumi.Config().get(key) ?? "";
    if (value !== undefined) return values[value]?.() ?? text;
    const letters = alphabets[alphabet];
    return letters ? Array.from({ length: Number(length) }, () => letters[randomInt(letters.length)]).join("") : text;
  });
}
