import { sweep } from "./suite";

sweep("ImageExport", "native");
