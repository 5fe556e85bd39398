{{- /* Where a service may go: DNS, Kafka, MongoDB, the token issuer, the collector of traces, RabbitMQ and the channel of the notifications, and the services that it calls. */ -}}
{{- define "shop.egress" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- $service := get (include "shop.services" .root | fromYaml) .name -}}
{{- if or $service.mongodb .root.Values.tracing.endpoint -}}
{{ include "shop.egressTo" (dict "peers" $policy.dnsPeers "ports" $policy.dnsPorts "protocols" (list "UDP" "TCP")) }}
{{- end }}
{{- if $service.kafka }}
{{ include "shop.egressTo" (dict "peers" $policy.kafkaPeers "ports" $policy.kafkaPorts) }}
{{- end }}
{{- if $service.mongodb }}
{{ include "shop.egressTo" (dict "peers" $policy.mongodbPeers "ports" $policy.mongodbPorts) }}
{{- end }}
{{- if include "shop.checksTokens" . }}
{{ include "shop.egressTo" (dict "peers" $policy.issuerPeers "ports" $policy.issuerPorts) }}
{{- end }}
{{- with .root.Values.tracing.endpoint }}
{{ include "shop.egressTo" (dict "peers" $policy.tracingPeers "ports" (list (include "shop.portOf" .))) }}
{{- end }}
{{- if eq .name "notifications" }}
{{- with .root.Values.notifications }}
{{- if .rabbitmqSecret }}
{{ include "shop.egressTo" (dict "peers" $policy.rabbitmqPeers "ports" $policy.rabbitmqPorts) }}
{{- end }}
{{- if ne .channel "log" }}
{{ include "shop.egressTo" (dict "peers" (list) "ports" .channelPorts) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $service.calls }}
{{- if and (eq . "provider") (not $.root.Values.provider.enabled) }}
{{ include "shop.egressTo" (dict "peers" (list) "ports" (list $.root.Values.provider.port)) }}
{{- else }}
{{ include "shop.egressToService" (dict "root" $.root "name" .) }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Takes {peers, ports}, and {protocols} where that is not TCP alone. */ -}}
{{- define "shop.egressTo" -}}
{{- $protocols := .protocols | default (list "TCP") -}}
- ports:
    {{- range $port := .ports }}
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
{{- default (ternary "443" "80" (eq $url.scheme "https")) (regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host)) -}}
{{- end -}}

{{- define "shop.egressToService" -}}
- ports: [{protocol: TCP, port: http}]
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
