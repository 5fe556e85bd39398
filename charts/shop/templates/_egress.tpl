{{- /*
Where a service may go: DNS, Kafka, MongoDB, the token issuer, the collector of traces, RabbitMQ and the channel of the
notifications, and the services that it calls. Ports that the values name in an address are open beside those of the policy.
*/ -}}
{{- define "shop.egress" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- $service := get (include "shop.services" .root | fromYaml) .name -}}
{{- if or $service.mongodb .root.Values.tracing.endpoint -}}
{{ include "shop.egressToDns" $policy }}
{{- end }}
{{- if $service.kafka }}
{{ include "shop.egressToKafka" .root.Values }}
{{- end }}
{{- if $service.mongodb }}
{{ include "shop.egressTo" (dict "peers" $policy.mongodbPeers "ports" (include "shop.mongodbPorts" . | fromJsonArray | concat $policy.mongodbPorts)) }}
{{- end }}
{{- if include "shop.checksTokens" . }}
{{- /* The issuer itself is asked only where to find its keys. */}}
{{- $keys := include "shop.jwksUrl" . | default (splitList "," .root.Values.auth.issuer | first) }}
{{ include "shop.egressTo" (dict "peers" $policy.issuerPeers "ports" (include "shop.portOf" $keys | append $policy.issuerPorts)) }}
{{- end }}
{{- with .root.Values.tracing.endpoint }}
{{ include "shop.egressTo" (dict "peers" $policy.tracingPeers "ports" (list (include "shop.portOf" .))) }}
{{- end }}
{{- if eq .name "notifications" }}
{{- with .root.Values.notifications }}
{{- if .rabbitmqSecret }}
{{ include "shop.egressTo" (dict "peers" $policy.rabbitmqPeers "ports" $policy.rabbitmqPorts) }}
{{- end }}
{{- if eq .channel "smtp" }}
{{ include "shop.egressTo" (dict "peers" (list) "ports" .channelPorts) }}
{{- else if eq .channel "webhook" }}
{{ include "shop.egressTo" (dict "peers" (list) "ports" (include "shop.portOf" .webhookUrl | append .channelPorts)) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $service.calls }}
{{- if and (eq . "provider") (not $.root.Values.provider.enabled) }}
{{- with $.root.Values.provider }}
{{ include "shop.egressTo" (dict "peers" (list) "ports" (list .port (include "shop.portOf" .url))) }}
{{- end }}
{{- else }}
{{ include "shop.egressToService" (dict "root" $.root "name" .) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "shop.egressToDns" -}}
{{ include "shop.egressTo" (dict "peers" .dnsPeers "ports" .dnsPorts "protocols" (list "UDP" "TCP")) }}
{{- end -}}

{{- define "shop.egressToKafka" -}}
{{- $policy := .networkPolicy -}}
{{ include "shop.egressTo" (dict "peers" $policy.kafkaPeers "ports" (include "kafka.ports" . | fromJsonArray | concat $policy.kafkaPorts)) }}
{{- end -}}

{{- /* Takes {peers, ports}, and {protocols} where that is not TCP alone. */ -}}
{{- define "shop.egressTo" -}}
{{- $protocols := .protocols | default (list "TCP") -}}
- ports:
    {{- range $port := toStrings .ports | uniq }}
    {{- range $protocols }}
    - {protocol: {{ . }}, port: {{ $port }}}
    {{- end }}
    {{- end }}
  {{- with .peers }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- /* The port of an http(s) address. */ -}}
{{- define "shop.portOf" -}}
{{- $url := urlParse . -}}
{{- default (ternary "443" "80" (eq $url.scheme "https")) (include "pod.portOf" $url.host) -}}
{{- end -}}

{{- /* By number: Cilium drops a way out whose port has a name that pods give to several numbers. */ -}}
{{- define "shop.egressToService" -}}
- ports: [{protocol: TCP, port: {{ int (get (include "shop.services" .root | fromYaml) .name).port }}}]
  to:
    - podSelector:
        matchLabels: {{- include "shop.selectorLabels" . | nindent 10 }}
{{- end -}}

{{- /* Who may call a service, as NetworkPolicy peers; nothing where nobody may. Takes {root, name, service}. */ -}}
{{- define "shop.callers" -}}
{{- $release := .root.Release.Name -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- range $caller, $calling := include "shop.services" .root | fromYaml }}
{{- if has $.name $calling.calls }}
- podSelector: {matchLabels: {app.kubernetes.io/name: {{ $caller }}, app.kubernetes.io/instance: {{ $release }}}}
{{- end }}
{{- end }}
{{- if .service.api }}
- podSelector: {matchLabels: {app.kubernetes.io/name: shop-test, app.kubernetes.io/instance: {{ $release }}}}
{{- with $policy.apiFrom }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- if eq .name "payments" }}
- podSelector: {matchLabels: {app.kubernetes.io/name: lag-controller}}
{{- end }}
{{- with $policy.metricsFrom }}
{{ toYaml . }}
{{- end }}
{{- end -}}
