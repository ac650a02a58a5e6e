import { runProgram } from "../kit/program";
import { ScannerAdapter } from "./scan/server";

async function main(): Promise<void> {
  await new ScannerAdapter().listen(Number((process.env.SCANNER_API_SERVER_ADDR ?? ":8080").replace(/^.*:/, "")));
  console.info("trivy-adapter listens");
}

runProgram(main);
