{{- /*
Bearer tokens between callers and services. By default the issuer is the cluster itself: a service shows the token of its
service account, made for `auth.audience` alone, and the keys are read at the API server, which wants a token too.
Takes {root, name}. Where the tokens are in `auth.tokensSecret`, no token of the cluster is mounted at all.
*/ -}}
{{- /* Its authority and a token for it are mounted for nobody else: keys at an address of yours are read without them. */ -}}
{{- define "shop.asksApiServer" -}}
{{- if not (or .root.Values.auth.tokensSecret .root.Values.auth.jwksUrl) -}}true{{- end -}}
{{- end -}}

{{- define "shop.checksTokens" -}}
{{- if and .root.Values.auth.enabled (has .name (list "orders" "payments" "notifications" "clients" "products")) -}}true{{- end -}}
{{- end -}}

{{- define "shop.showsToken" -}}
{{- if and .root.Values.auth.enabled (has .name (list "orders" "payments" "notifications" "shop-test")) -}}true{{- end -}}
{{- end -}}

{{- define "shop.tokenFile" -}}
/var/run/token/token
{{- end -}}

{{- define "shop.tokensEnv" -}}
{{- $auth := .root.Values.auth -}}
{{- if include "shop.checksTokens" . }}
{{- if not (or $auth.issuer (include "shop.asksApiServer" .)) }}
{{- fail "auth.issuer: say who makes the tokens, or set auth.enabled to false" }}
{{- end }}
{{- /* Empty for whoever made the token that is shown to the API server: clusters are called differently. */}}
- {name: AUTH_ISSUER, value: {{ $auth.issuer | quote }}, instead: auth.issuer}
- {name: AUTH_AUDIENCE, value: {{ required "auth.audience: say for whom tokens must be" $auth.audience | quote }}, instead: auth.audience}
{{- with include "shop.jwksUrl" . }}
- {name: AUTH_JWKS_URL, value: {{ . | quote }}, instead: auth.jwksUrl}
{{- end }}
{{- if include "shop.issuerVolume" . }}
- {name: AUTH_CA_FILE, value: /var/run/issuer/ca.crt, instead: auth.caSecret}
{{- end }}
{{- if include "shop.asksApiServer" . }}
- {name: AUTH_JWKS_TOKEN_FILE, value: /var/run/issuer/token, instead: auth.tokensSecret}
{{- end }}
{{- if $auth.subjects }}
- {name: AUTH_SUBJECTS, value: {{ include "shop.subjects" . | quote }}, instead: auth.subjects}
{{- end }}
{{- end }}
{{- if include "shop.showsToken" . }}
- {name: {{ get (dict "orders" "CATALOG_TOKEN_FILE" "payments" "ORDERS_TOKEN_FILE" "notifications" "CLIENTS_TOKEN_FILE" "shop-test" "TOKEN_FILE") .name }}, value: {{ include "shop.tokenFile" . }}, instead: auth.tokensSecret}
{{- end }}
{{- if and (eq .name "orders") $auth.enabled }}
- {name: AUTH_PAYMENTS_SUBJECTS, value: {{ include "shop.paymentsSubjects" . | quote }}, instead: auth.paymentsSubjects}
{{- end }}
{{- end -}}

{{- define "shop.jwksUrl" -}}
{{- $auth := .root.Values.auth -}}
{{- /* The discovery document of a cluster names an address that pods often can't reach. */ -}}
{{- default (ternary "https://kubernetes.default.svc/openid/v1/jwks" "" (eq (include "shop.asksApiServer" .) "true")) $auth.jwksUrl -}}
{{- end -}}

{{- define "shop.serviceAccount" -}}
{{- printf "system:serviceaccount:%s:%s" .root.Release.Namespace (include "shop.fullname" .) -}}
{{- end -}}

{{- /* Who may call: those of the values, and the services that call others. Who they are in tokens of a Secret only you know. */ -}}
{{- define "shop.subjects" -}}
{{- $subjects := concat .root.Values.auth.subjects .root.Values.auth.paymentsSubjects -}}
{{- if not .root.Values.auth.tokensSecret -}}
{{- range $name := list "orders" "payments" "notifications" "shop-test" -}}
{{- $subjects = append $subjects (include "shop.serviceAccount" (dict "root" $.root "name" $name)) -}}
{{- end -}}
{{- end -}}
{{- uniq $subjects | join "," -}}
{{- end -}}

{{- define "shop.paymentsSubjects" -}}
{{- $own := include "shop.serviceAccount" (dict "root" .root "name" "payments") -}}
{{- if and .root.Values.auth.tokensSecret (not .root.Values.auth.paymentsSubjects) -}}
{{- fail "auth.paymentsSubjects: say who payments is in the tokens of auth.tokensSecret; only it may set PAGO or FALHA" -}}
{{- end -}}
{{- default (list $own) .root.Values.auth.paymentsSubjects | join "," -}}
{{- end -}}

{{- define "shop.tokensVolumeMounts" -}}
{{- if include "shop.issuerVolume" . }}
- {name: issuer, mountPath: /var/run/issuer, readOnly: true}
{{- end }}
{{- if include "shop.showsToken" . }}
- {name: token, mountPath: /var/run/token, readOnly: true}
{{- end }}
{{- end -}}

{{- define "shop.issuerVolume" -}}
{{- if and (include "shop.checksTokens" .) (or (include "shop.asksApiServer" .) .root.Values.auth.caSecret) -}}true{{- end -}}
{{- end -}}

{{- define "shop.tokensVolumes" -}}
{{- $auth := .root.Values.auth -}}
{{- if include "shop.issuerVolume" . }}
- name: issuer
{{- if include "shop.asksApiServer" . }}
  projected:
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
{{- else }}
  secret: {secretName: {{ $auth.caSecret }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end }}
{{- if include "shop.showsToken" . }}
- name: token
{{- if $auth.tokensSecret }}
  secret: {secretName: {{ $auth.tokensSecret }}, items: [{key: {{ .name }}, path: token}]}
{{- else }}
  projected:
    sources:
      - serviceAccountToken: {audience: {{ $auth.audience | quote }}, path: token, expirationSeconds: 3600}
{{- end }}
{{- end }}
{{- end -}}
