{{- /* Where a service may go: DNS, Kafka, MongoDB, the token issuer, the collector of traces and the services that it calls. */ -}}
{{- define "shop.egress" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- $service := get (include "shop.services" .root | fromYaml) .name -}}
{{- if or $service.mongodb .root.Values.tracing.endpoint -}}
- to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]
  ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
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
{{- range $service.calls }}
{{- if and (eq . "provider") (not $.root.Values.provider.enabled) }}
{{ include "shop.egressTo" (dict "peers" (list) "ports" (list $.root.Values.provider.port)) }}
{{- else }}
{{ include "shop.egressToService" (dict "root" $.root "name" .) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "shop.egressTo" -}}
- ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ . }}}
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
