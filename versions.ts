/**
 * Every container image of the stack, pinned. A stack may name others under `homelab:images`.
 *
 * Renovate reads the comments (see `renovate.json`).
 */
export const images = {
  // renovate: datasource=docker depName=smallstep/step-ca
  stepCa: "smallstep/step-ca:0.30.2@sha256:a2b17872915c193259b75a5474c398326f41bd199f0842093e52cf4182bc8270",
  // renovate: datasource=docker depName=traefik
  traefik: "traefik:v3.7.9@sha256:652929a140a32d7cafafb13c6cdfab5376cfeff800f51397b87b524501ed02a8",
} as const;
