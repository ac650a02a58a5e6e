/** An answer other than success: the HTTP status, its reason (which is also Proxmox's `message`), and errors by field. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    readonly errors?: Readonly<Record<string, string>>,
  ) {
    super(reason);
    this.name = "ApiError";
  }
}

/** 400: one or more parameters are missing, unknown, or have a wrong value. */
export function parameterErrors(errors: Readonly<Record<string, string>>): ApiError {
  return new ApiError(400, "Parameter verification failed.", errors);
}

/** 401: no credentials, or wrong ones. */
export function unauthorized(reason: string): ApiError {
  return new ApiError(401, reason);
}

/** 403: the caller lacks a privilege; `what` names the path and the privilege, as in `/vms/160, VM.Allocate`. */
export function permissionDenied(what?: string): ApiError {
  return new ApiError(403, what === undefined ? "Permission check failed" : `Permission check failed (${what})`);
}

/** 500: everything that Proxmox refuses while working, missing objects included. */
export function failure(reason: string): ApiError {
  return new ApiError(500, reason);
}

/** 501: no such endpoint, or not with this method. */
export function notImplemented(method: string, path: string): ApiError {
  return new ApiError(501, `Method '${method} ${path}' not implemented`);
}
