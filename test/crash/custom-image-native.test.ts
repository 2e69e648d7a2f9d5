import { sweep } from "./suite";

sweep("CustomImage", "native");
