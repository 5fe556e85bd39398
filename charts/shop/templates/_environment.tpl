{{- /* What a service is told, as `pod.env` takes it. Takes {root, name, service}. */ -}}
{{- define "shop.env" -}}
- {name: PORT, value: {{ .service.port | toString | quote }}, instead: ""}
- {name: LOG_LEVEL, value: {{ .root.Values.logLevel }}}
{{ include "pod.shutdownEnv" .root.Values.shutdown }}
{{- if .service.mongodb }}
{{ include "shop.mongodbEnv" . }}
{{- end }}
{{- if .service.kafka }}
{{ include "kafka.env" (include "shop.kafka" . | fromYaml) }}
{{- end }}
{{- if eq .name "orders" }}
- {name: CLIENTS_URL, value: {{ include "shop.url" (dict "root" .root "name" "clients") }}}
- {name: PRODUCTS_URL, value: {{ include "shop.url" (dict "root" .root "name" "products") }}}
{{- else if eq .name "payments" }}
- {name: ORDERS_URL, value: {{ include "shop.url" (dict "root" .root "name" "orders") }}}
- {name: PROVIDER_URL, value: {{ include "shop.providerUrl" . | quote }}, instead: provider.url}
{{- else if eq .name "notifications" }}
{{ include "shop.notificationsEnv" . }}
{{- else if eq .name "provider" }}
- {name: PROVIDER_LEDGER_FILE, value: /tmp/ledger.jsonl}
{{- end }}
{{- include "shop.tokensEnv" . }}
{{- with .root.Values.tracing }}
{{- if .endpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .endpoint | quote }}, instead: tracing.endpoint}
- {name: OTEL_TRACES_SAMPLER, value: parentbased_traceidratio}
- {name: OTEL_TRACES_SAMPLER_ARG, value: {{ .share | toString | quote }}}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The same of the pod of `helm test`. */ -}}
{{- define "shop.testEnv" -}}
- {name: ORDERS_URL, value: {{ include "shop.url" (dict "root" .root "name" "orders") }}}
- {name: CLIENTS_URL, value: {{ include "shop.url" (dict "root" .root "name" "clients") }}}
- {name: PRODUCTS_URL, value: {{ include "shop.url" (dict "root" .root "name" "products") }}}
{{- include "shop.tokensEnv" . }}
{{- end -}}

{{- define "shop.providerUrl" -}}
{{- if .root.Values.provider.enabled -}}
{{- include "shop.url" (dict "root" .root "name" "provider") -}}
{{- else -}}
{{- required "provider.url: say where the payment provider is, or set provider.enabled for the simulated one" .root.Values.provider.url -}}
{{- end -}}
{{- end -}}
