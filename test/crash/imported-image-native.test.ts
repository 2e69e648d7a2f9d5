import { sweep } from "./suite";

sweep("ImportedImage", "native");
