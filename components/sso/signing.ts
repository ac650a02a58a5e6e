/**
 * What the key is that logins are signed with. Authentik signs by the algorithm of its key (`JWTAlgorithms.from_private_key`
 * in authentik/providers/oauth2/models.py), and of those that it knows ES256 is the fastest. Harbor verifies it
 * (`supportedAlgorithms` in coreos/go-oidc, oidc/oidc.go), and so does Proxmox VE 9 (proxmox-openid 1 by openidconnect 4,
 * src/core/jwk/mod.rs); Grafana reads the claims alone (`retrieveRawIDToken` in pkg/login/social/connectors/social_base.go).
 * Forward-auth has a secret and no key (`set_oauth_defaults` in authentik/providers/proxy/models.py).
 */
export const signingAlgorithm = { algorithm: "ECDSA", ecdsaCurve: "P256" };
