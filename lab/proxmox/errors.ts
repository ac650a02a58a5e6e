import { Refusal as AnyRefusal } from "../kit/refusal";

/** What Proxmox says no with: the HTTP status, its reason (which is also the `message`), and errors by field. */
export class Refusal extends AnyRefusal {
  constructor(status: number, reason: string, errors?: Readonly<Record<string, string>>) {
    super(status, { data: null, message: `${reason}\n`, ...(errors ? { errors } : {}) }, reason);
  }
}

/** 400: one or more parameters are missing, unknown, or have a wrong value. */
export function parameterErrors(errors: Readonly<Record<string, string>>): Refusal {
  return new Refusal(400, "Parameter verification failed.", errors);
}

/** 401: no credentials, or wrong ones. */
export function unauthorized(reason: string): Refusal {
  return new Refusal(401, reason);
}

/** 403: the caller lacks a privilege; `what` names the path and the privilege, as in `/vms/160, VM.Allocate`. */
export function permissionDenied(what?: string): Refusal {
  return new Refusal(403, what === undefined ? "Permission check failed" : `Permission check failed (${what})`);
}

/** 500: everything that Proxmox refuses while working, missing objects included. */
export function failure(reason: string): Refusal {
  return new Refusal(500, reason);
}

/** 501: no such endpoint, or not with this method. */
export function notImplemented(method: string, path: string): Refusal {
  return new Refusal(501, `Method '${method} ${path}' not implemented`);
}
