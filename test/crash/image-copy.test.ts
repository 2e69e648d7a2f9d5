import { sweep } from "./suite";

sweep("ImageCopy");
