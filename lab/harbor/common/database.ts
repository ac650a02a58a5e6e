import { required } from "../../kit/program";
import { Psql } from "../../kit/psql";
import { DatabaseStore } from "../../kit/store";

/** Harbor's database, from variables as `POSTGRESQL_HOST`: one row with all objects. */
export function database(prefix: string, databaseVariable: string, env = process.env): DatabaseStore {
  const value = (name: string): string => required(`${prefix}_${name}`, env);
  const psql = new Psql(value("HOST"), value("PORT"), value("USERNAME"), value("PASSWORD"), value(databaseVariable));
  return new DatabaseStore(psql, "homelab_harbor");
}
