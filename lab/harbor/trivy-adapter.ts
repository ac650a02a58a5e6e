import { endOnSignal } from "./common/http";
import { ScannerAdapter } from "./scan/server";

endOnSignal();
new ScannerAdapter()
  .listen(Number((process.env.SCANNER_API_SERVER_ADDR ?? ":8080").replace(/^.*:/, "")))
  .then(() => console.info("trivy-adapter listens"))
  .catch((error: unknown) => {
    console.error(String(error));
    process.exit(1);
  });
