package main

import "testing"

func TestTokensAreThoseOfTheSDK(t *testing.T) {
	resources := providerInfo().Resources
	for terraform, token := range map[string]string{
		"tls_private_key":         "tls:index/privateKey:PrivateKey",
		"tls_self_signed_cert":    "tls:index/selfSignedCert:SelfSignedCert",
		"tls_cert_request":        "tls:index/certRequest:CertRequest",
		"tls_locally_signed_cert": "tls:index/locallySignedCert:LocallySignedCert",
	} {
		if got := resources[terraform]; got == nil || string(got.Tok) != token {
			t.Errorf("%s is %v, the SDK says %s", terraform, got, token)
		}
	}
}
