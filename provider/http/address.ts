import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Addresses with instance metadata, where there is no API. */
const linkLocal = new BlockList();
linkLocal.addSubnet("169.254.0.0", 16, "ipv4");
linkLocal.addAddress("100.100.100.200", "ipv4");
linkLocal.addAddress("0.0.0.0", "ipv4");
linkLocal.addSubnet("fe80::", 10, "ipv6");
linkLocal.addAddress("fd00:ec2::254", "ipv6");
linkLocal.addAddress("::", "ipv6");

const listed = (list: BlockList, name: string): boolean => {
  const family = isIP(name);
  return family !== 0 && list.check(name, family === 6 ? "ipv6" : "ipv4");
};

/** The host of a URL without the brackets of an IPv6 address. */
export const nameOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, "");

export const isLinkLocal = (url: URL): boolean => listed(linkLocal, nameOf(url));

/** Whether an endpoint, with or without a scheme, is on this machine. */
export function isLoopback(endpoint: string): boolean {
  const address = endpoint.includes("://") ? endpoint : `https://${endpoint}`;
  if (!URL.canParse(address)) return false;
  const name = nameOf(new URL(address));
  return name === "localhost" || listed(loopback, name);
}
