import type { Row } from "../../../kit/rows";
import type { AuthentikObjects } from "../../objects";
import { stageTypes } from "./stage-types";

/** What every flow shows besides its own fields. */
export const flowShown = (row: Row, objects: AuthentikObjects): Row => ({
  background_url: row.background || "/static/dist/assets/images/flow_background.jpg",
  background_themed_urls: null,
  stages: objects.stagesOf(row).map(({ stage }) => stage.pk as string),
  policies: objects.bindingsOf(row.pk).flatMap(({ policy }) => (policy ? [policy as string] : [])),
  cache_count: 0,
  export_url: `/api/v3/flows/instances/${row.slug}/export/`,
});

/** What every stage shows besides its own fields. */
export function stageShown(row: Row, objects: AuthentikObjects): Row {
  const type = stageTypes.find(({ component }) => component === row.component);
  const places = objects.flowBindings.filter(({ stage }) => stage === row.pk).map(({ target }) => target as string);
  return {
    verbose_name: type?.verbose ?? "",
    verbose_name_plural: `${type?.verbose}s`,
    meta_model_name: type?.label ?? "",
    flow_set: objects.flows
      .filter(({ pk }) => places.includes(pk))
      .map((flow): Row => ({ ...flow, ...flowShown(flow, objects) })),
  };
}

/** Authentik's number of a group, for systems that have no UUIDs. */
export const numberOf = ({ pk }: Row): number => Number.parseInt(String(pk).slice(0, 7), 16);

/** One group as a user or a binding shows it. */
export const partialGroup = (row: Row): Row => ({ ...row, num_pk: numberOf(row) });
